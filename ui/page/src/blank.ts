// The map as a picture for people outside: each device a letter, each party a number, and nothing that tells whose home
// it is. Only what is named here is taken over, so that what the map learns to show later stays out by itself.
import { text } from "./text.ts";

const SVG = "http://www.w3.org/2000/svg";
const SHAPE = ["viewBox", "width", "height", "d", "x", "y", "cx", "cy", "r", "rx", "text-anchor", "fill-rule"];
const LOOK = ["fill", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray", "opacity", "font-size", "font-weight", "text-decoration-line"];

/** The name of the n-th device, from 0: "A" to "Z", then "AA". */
export function letters(n: number): string {
  const last = String.fromCharCode(65 + (n % 26));
  return n < 26 ? last : letters(Math.floor(n / 26) - 1) + last;
}

/** A drawing of the map that looks the same and names nobody. */
export function blanked(map: SVGSVGElement): SVGSVGElement {
  const names = new Map<Element | null, string>();
  map.querySelectorAll(".node.device, .node.kind").forEach((node, i) => names.set(node, `${text.table.device} ${letters(i)}`));
  map.querySelectorAll(".node.owner:not(.others)").forEach((node, i) => names.set(node, `${text.table.owner} ${i + 1}`));
  const copy = draw(map, names) as SVGSVGElement;
  copy.setAttribute("font-family", "system-ui, sans-serif");
  return copy;
}

function draw(from: Element, names: Map<Element | null, string>): Element {
  const to = document.createElementNS(SVG, from.tagName);
  const style = getComputedStyle(from);
  for (const name of SHAPE) if (from.hasAttribute(name)) to.setAttribute(name, from.getAttribute(name)!);
  for (const name of LOOK) to.setAttribute(name.replace("-line", ""), style.getPropertyValue(name));
  to.append(said(from, names), ...[...from.children].filter((child) => !child.matches(".hit")).map((child) => draw(child, names)));
  return to;
}

// What is written there: a name that is none, the page's own words for state and rate, or nothing.
function said(element: Element, names: Map<Element | null, string>): string {
  const name = element.matches(".name") && names.get(element.closest(".node"));
  if (name) return name;
  const words = element.textContent ?? "";
  const known = element.matches("text.kind") ? Object.values(text.kind).some(([, many]) => many === words) : element.matches(".below, .sign, .others .name, .titles text");
  return known ? words : "";
}

const SHARP = 2; // pixels for each of the page's

/** Saves the map as it stands, without names, as a PNG. Rejects where the browser cannot draw it. */
export async function savePicture(map: SVGSVGElement): Promise<void> {
  const image = new Image();
  image.src = `data:image/svg+xml,${encodeURIComponent(new XMLSerializer().serializeToString(blanked(map)))}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = image.width * SHARP;
  canvas.height = image.height * SHARP;
  const ink = canvas.getContext("2d")!;
  ink.fillStyle = getComputedStyle(map.closest(".card")!).backgroundColor;
  ink.fillRect(0, 0, canvas.width, canvas.height);
  ink.drawImage(image, 0, 0, canvas.width, canvas.height);
  const link = document.createElement("a");
  link.href = canvas.toDataURL();
  link.download = "home.png";
  link.click();
}
