// The front door of the page.
import { render } from "preact";
import { followAddress } from "./actions.ts";
import { begin } from "./session.ts";
import { narrow } from "./state.ts";
import { App } from "./view/app.tsx";
import "./style/base.css";
import "./style/header.css";
import "./style/map.css";
import "./style/panel.css";
import "./style/table.css";
import "./style/cut.css";
import "./style/layers.css";

const phone = matchMedia("(max-width: 719px)");
const measure = () => void (narrow.value = phone.matches);
phone.addEventListener("change", measure);
measure();

window.addEventListener("popstate", followAddress);
followAddress();
begin();
render(<App />, document.getElementById("app")!);
