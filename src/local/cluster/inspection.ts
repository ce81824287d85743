// What is seen of the cluster brain from outside: for tests.
import type { Resources } from "../../domain/resources.ts";
import type { Actors } from "./actors.ts";

export interface Inspection {
  drivers: number;
  workers: number;
  starting: number;
  idle: number;
  apart: number;
  leases: number;
  demands: number;
  objects: number;
  booked: number;
  groups: number;
  actors: Actors["byId"];
  aliases: Actors["aliases"];
  available: Resources;
}
