import { useState } from "preact/hooks";
import { removeMud, setMud } from "../api.ts";
import { live } from "../state.ts";
import { text } from "../text.ts";
import type { Device, Mud } from "../wire.ts";
import { Failed } from "./failed.tsx";
import { Learned } from "./learned.tsx";
import type { Act } from "./errand.ts";

const MOST = 256 << 10; // bytes of a file, as the router has it

/** The owner gives a device a description: where it is, or the file itself; or takes it away. */
export function Assign({ device, mud, busy, act }: { device: Device; mud: Mud; busy: boolean; act: Act }) {
  const [url, setUrl] = useState("");
  const [failed, setFailed] = useState("");
  const off = busy || !live.value;
  const give = async (event: Event) => {
    event.preventDefault();
    if (url.trim() && (await act(setMud(device.mac, { url: url.trim() })))) setUrl("");
  };
  const read = async (file: File | undefined) => {
    if (!file) return;
    const content = file.size > MOST ? null : await file.text().then(JSON.parse).catch(() => null);
    setFailed(content ? "" : text.mud.badFile);
    if (content) await act(setMud(device.mac, { file: content }));
  };
  return (
    <>
      <form class="adding" onSubmit={give}>
        <label>
          <span>{text.mud.give}</span>
          <input type="url" value={url} placeholder="https://" maxLength={253} autocomplete="off" spellcheck={false} onInput={(event) => setUrl(event.currentTarget.value)} />
        </label>
        <button disabled={off}>{text.mud.go}</button>
      </form>
      <p class="assign">
        <label class="button"><input class="unseen" type="file" accept=".json,application/json,application/mud+json" disabled={off} onChange={(event) => read(event.currentTarget.files?.[0])} />{text.mud.giveFile}</label>
        {mud.state !== "none" && <button disabled={off} onClick={() => act(removeMud(device.mac))}>{text.mud.remove}</button>}
      </p>
      <Failed words={failed} />
      {mud.state === "none" && <Learned device={device} busy={busy} act={act} />}
    </>
  );
}
