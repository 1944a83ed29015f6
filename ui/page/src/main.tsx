// The front door of the page.
import { effect } from "@preact/signals";
import { render } from "preact";
import { followAddress, say } from "./actions.ts";
import { arrive, takeTicket, watchDoor } from "./door.ts";
import { watchPresence } from "./away.ts";
import { begin } from "./session.ts";
import { language, speakAsWanted } from "./text.ts";
import { door, narrow } from "./state.ts";
import { App } from "./view/app.tsx";
import { followWishes } from "./wishes.ts";
import "./style/base.css";
import "./style/header.css";
import "./style/map.css";
import "./style/panel.css";
import "./style/device.css";
import "./style/rewind.css";
import "./style/table.css";
import "./style/cut.css";
import "./style/door.css";
import "./style/layers.css";

const phone = matchMedia("(max-width: 719px)");
const measure = () => void (narrow.value = phone.matches);
phone.addEventListener("change", measure);
measure();

// A ticket can also come to a page that is open already, by a click on the same link.
async function comeIn(): Promise<void> {
  const ticket = takeTicket();
  if (ticket === null) followAddress();
  if (ticket === null && door.value.state !== "asking") return;
  const note = await arrive(ticket);
  if (note) say(note);
}

// Without words there is nothing to show: the router was updated, or lost, just between two files of the page.
function speechless(): void {
  render(<button onClick={() => location.reload()}>Reload · Neu laden · Opnieuw laden</button>, root);
}

async function start(): Promise<void> {
  effect(() => void (document.documentElement.lang = language.value));
  watchDoor();
  window.addEventListener("popstate", () => void comeIn());
  render(<App />, root);
  await comeIn();
  begin();
  followWishes();
  watchPresence();
}

const root = document.getElementById("app")!;
void speakAsWanted().finally(() => root.replaceChildren()).then(start, speechless);
