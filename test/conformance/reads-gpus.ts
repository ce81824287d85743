// A module that looks for GPUs as soon as it is there, as libraries do.
const visible = process.env["CUDA_VISIBLE_DEVICES"];

export function visibleAtImport(): string | undefined {
  return visible;
}
