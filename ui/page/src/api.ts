// The REST calls of the contract. Errors come back as problem+json and leave here as one type with words for people.
import { clean } from "./clean.ts";
import { text } from "./text.ts";
import type { Device, Flow, Status } from "./wire.ts";

export interface CutOrder { level: "full"; for?: string; until?: string; acknowledge?: boolean }

/** A request that failed. `code` is the problem's name after urn:spinneret:, or "unreachable". */
export class Failure extends Error {
  constructor(readonly code: string, readonly status: number, message: string) {
    super(message);
  }
}

const DEADLINE = 15_000; // ms: a firewall change is quick; a router that takes longer has another problem
const GLANCE = 5_000; // ms, for what only looks

const path = (mac: string) => `devices/${encodeURIComponent(mac)}`;

export const getStatus = () => call<Status>("GET", "status", undefined, GLANCE);
export const getFlows = (mac: string) =>
  call<{ flows: Flow[] }>("GET", `flows?device=${encodeURIComponent(mac)}&limit=500`, undefined, GLANCE);
export const cutOff = (mac: string, order: CutOrder) => call<Device>("PUT", `${path(mac)}/quarantine`, order);
export const letIn = (mac: string) => call<Device>("DELETE", `${path(mac)}/quarantine`);

/** Repeats an event's own undo. Only paths of this API are followed. */
export function undo(step: { method: string; path: string }): Promise<unknown> {
  const prefix = "/api/v1/";
  if (!step.path.startsWith(prefix)) return Promise.reject(new Failure("bad-request", 0, text.error.unknown));
  return call(step.method, step.path.slice(prefix.length));
}

async function call<T>(method: string, to: string, body?: unknown, deadline = DEADLINE): Promise<T> {
  const init: RequestInit = { method, signal: AbortSignal.timeout(deadline), cache: "no-store" };
  if (body !== undefined) {
    init.body = JSON.stringify(body);
    init.headers = { "Content-Type": "application/json" };
  }
  const answer = await fetch(`/api/v1/${to}`, init).catch(() => {
    throw new Failure("unreachable", 0, text.error.unreachable);
  });
  if (!answer.ok) throw await failureOf(answer);
  return answer.json().catch(() => {
    throw new Failure("unreadable", answer.status, text.error.unknown);
  }) as Promise<T>;
}

async function failureOf(answer: Response): Promise<Failure> {
  const problem: unknown = await answer.json().catch(() => null);
  const { type, title, detail } = (problem ?? {}) as Record<string, unknown>;
  const code = typeof type === "string" ? type.replace(/^urn:spinneret:/, "") : String(answer.status);
  if (answer.status === 401) return new Failure("login-required", 401, text.error.login);
  return new Failure(code, answer.status, clean(detail, 300) || clean(title, 300) || text.error.unknown);
}
