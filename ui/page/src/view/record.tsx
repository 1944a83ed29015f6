import { useState } from "preact/hooks";
import { captureOf } from "../api.ts";
import { span } from "../format.ts";
import { live } from "../state.ts";
import { text } from "../text.ts";
import type { Device } from "../wire.ts";

const LENGTHS = [10, 60, 300]; // seconds
const SNAPS = [128, 256, 65535]; // bytes of each packet: headers, a little more, all

/** Downloads of a device's packets, for those who can read them. */
export function Record({ device }: { device: Device }) {
  const [seconds, setSeconds] = useState(60);
  const [snaplen, setSnaplen] = useState(256);
  const off = live.value ? undefined : true;
  return (
    <details>
      <summary>{text.record.title}</summary>
      <div class="record">
        <label>
          <span>{text.record.length}</span>
          <select value={seconds} onChange={(event) => setSeconds(Number(event.currentTarget.value))}>
            {LENGTHS.map((n) => <option key={n} value={n}>{span(n)}</option>)}
          </select>
        </label>
        <label>
          <span>{text.record.much}</span>
          <select value={snaplen} onChange={(event) => setSnaplen(Number(event.currentTarget.value))}>
            {SNAPS.map((n, i) => <option key={n} value={n}>{text.record.snaps[i]}</option>)}
          </select>
        </label>
        <a class="button" href={captureOf(device.mac, { seconds, snaplen })} download="" aria-disabled={off}>{text.record.go}</a>
      </div>
      <p class="muted">{text.record.about}</p>
      <p><a href={captureOf(device.mac, "past")} download="" aria-describedby="record-past">{text.record.past}</a></p>
      <p id="record-past" class="muted">{text.record.pastAbout}</p>
    </details>
  );
}
