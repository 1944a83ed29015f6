import { back } from "../actions.ts";
import { door, helping, isOpen, link, mayAct, narrow, picked, present, view } from "../state.ts";
import { language, text } from "../text.ts";
import { Announcer } from "./announcer.tsx";
import { WaitingProfiles } from "./approvals.tsx";
import { Away } from "./away.tsx";
import { Banner } from "./banner.tsx";
import { CutBlock } from "./cutblock.tsx";
import { CutDialog } from "./cutdialog.tsx";
import { DevicePanel } from "./device.tsx";
import { Events } from "./events.tsx";
import { Header } from "./header.tsx";
import { Help } from "./help.tsx";
import { LanguageChoice } from "./language.tsx";
import { Learning } from "./learning.tsx";
import { LoginAgain, LoginPage } from "./login.tsx";
import { HomeMap } from "./map.tsx";
import { Overview } from "./overview.tsx";
import { OwnerPanel } from "./owner.tsx";
import { Rewind } from "./rewind.tsx";
import { Table } from "./table.tsx";
import { Toasts } from "./toasts.tsx";
import { Waiting } from "./waiting.tsx";
import { AskingWishes, PastWishes } from "./wishes.tsx";
import { useEffect } from "preact/hooks";

/** The page: nothing of the home before the door opens; a door that shuts again leaves the picture as it was. */
export function App() {
  const at = door.value;
  if (at.state === "asking") return <main class="door"><p class="muted" role="status">{text.busy}</p></main>;
  if (at.state === "shut" && !at.ended) return <LoginPage key={language.value} />;
  return (
    <>
      <Home key={`${mayAct.value} ${language.value}`} />
      {at.state === "shut" && <LoginAgain key={language.value} />}
    </>
  );
}

// One picture, one column beside it, and the layers above.
function Home() {
  useEffect(() => {
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
  const lost = link.value.state === "lost";
  return (
    <div class={lost ? "page lost" : "page"}>
      <Header />
      <Banner />
      <main class={narrow.value ? "main phone" : "main"}>
        <Picture />
        <Side />
        <LanguageChoice />
      </main>
      <CutDialog />
      <Help />
      <Toasts />
      <Announcer />
    </div>
  );
}

function Picture() {
  if (present.value.devices.size === 0) return <Learning />;
  return <div class="picture">{narrow.value || view.value === "table" ? <Table /> : <HomeMap />}<Rewind /></div>;
}

function Side() {
  const what = picked.value?.what;
  return (
    <aside class="side">
      <AskingWishes />
      <Away />
      {!what && <Waiting />}
      {what === "device" ? <DevicePanel /> : what === "owner" ? <OwnerPanel /> : <Overview />}
      {what && <Waiting />}
      <WaitingProfiles />
      <CutBlock />
      <PastWishes />
      <Events />
    </aside>
  );
}

// One letter is a command only where nobody types.
function onKey(event: KeyboardEvent) {
  const under = document.querySelector("dialog[open]") !== null && !helping.value;
  if (under || !isOpen.value) return;
  const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
  if (event.key === "Escape" && !helping.value) return back();
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "t") view.value = view.value === "map" ? "table" : "map";
  else if (event.key === "?") helping.value = !helping.value;
  else if (event.key === "/") document.getElementById("search")?.focus();
  else return;
  event.preventDefault();
}
