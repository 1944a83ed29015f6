import { present } from "../state.ts";
import { text } from "../text.ts";
import { twinsOf } from "../twins.ts";
import type { Device } from "../wire.ts";
import { Compared } from "./compared.tsx";
import { Fold } from "./fold.tsx";

/** A device beside others of its make. */
export function Twins({ device }: { device: Device }) {
  const twins = twinsOf(device, present.value.devices.values());
  if (twins.length === 0) return null;
  return <Fold title={text.twins.title}>{() => <Compared key={twins.map((d) => d.mac).join()} devices={[device, ...twins]} />}</Fold>;
}
