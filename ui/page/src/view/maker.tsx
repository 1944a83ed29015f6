import { text } from "../text.ts";
import type { Device } from "../wire.ts";
import { Fold } from "./fold.tsx";
import { Profile } from "./profile.tsx";

/** What a device is held to by its maker, under its title; open where something waits for the owner. */
export function Maker({ device }: { device: Device }) {
  const waits = (device.mud?.approvals.length ?? 0) > 0;
  return (
    <Fold begin={waits} title={<>{text.mud.title}{waits && <span class="state held"> ◆ {text.mud.waits}</span>}</>}>
      {() => <Profile device={device} />}
    </Fold>
  );
}
