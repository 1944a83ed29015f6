import type { FunctionComponent } from "preact";
import { useEffect, useState } from "preact/hooks";
import { text } from "../text.ts";
import { Failed } from "./failed.tsx";

/** A component that comes over the network when it is first drawn; where it cannot come, that is said in its place.
 * The page is loaded anew then: after an update the router has no more of the old one, and browsers may keep a failure. */
export function later<Props extends object>(load: () => Promise<FunctionComponent<Props>>): FunctionComponent<Props> {
  return (props) => {
    const [Come, come] = useState<FunctionComponent<Props> | null>(null);
    const [failed, fail] = useState("");
    useEffect(() => void load().then((it) => come(() => it), () => fail(text.error.unreachable)), []);
    return Come ? <Come {...props} /> : <Failed words={failed}><button onClick={() => location.reload()}>{text.link.reload}</button></Failed>;
  };
}
