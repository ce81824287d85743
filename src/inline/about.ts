// Who the inline backend is, and the one node that it has.
import type { Identity, NodeInfo } from "../backend.ts";
import type { News } from "../domain/news.ts";
import type { NodeOffer, Share } from "../domain/request.ts";
import { amounts } from "../domain/resources.ts";
import { randomHex } from "../std/random.ts";
import { inNextTurn } from "../std/turns.ts";

export interface InlineOptions extends Share {
  /** What CUDA calls the GPUs to use, by index. */
  readonly gpus: readonly string[];
  /** Undefined: a random one. */
  readonly namespace: string | undefined;
  readonly onNews: (news: News) => void;
}

/** As if it came from elsewhere: whoever asks again and again lets others have their turn in between. */
export function answer<T>(question: () => T): Promise<T> {
  return new Promise((resolve) => inNextTurn(() => resolve(question())));
}

export function identityOf({ gpus, namespace }: InlineOptions): Identity {
  const processId = randomHex(8);
  return {
    kind: "inline",
    address: "inline",
    sessionId: randomHex(8),
    jobId: randomHex(4),
    nodeId: processId,
    processId,
    namespace: namespace ?? randomHex(8),
    gpus,
    dashboardUrl: undefined,
  };
}

export function nodeInfo({ nodeId, total, labels }: NodeOffer, address: string, alive: boolean): NodeInfo {
  return { nodeId, alive, address, resources: amounts(total), labels: { ...labels } };
}
