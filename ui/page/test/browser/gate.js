// The door of the make-believe home: who is let in, passwords, and the tokens of other programs.
import { iso, problem } from "./objects.js";

const refuse = (body) => ({ status: body.status, body });

/** What the door answers to a request; everything is refused while nobody is logged in. */
export function atDoor(home, method, path, body) {
  const closed = () => refuse(problem(401, "login-required", "log in first", { setup: !home.passwords.owner }));
  if (!/^session\b/.test(path)) return home.session ? keys(home, method, path, body) : closed();
  if (method === "GET") return home.session ? { status: 200, body: { login: true, ...home.session, setup: false } } : closed();
  if (path === "session/password") return home.session ? change(home, body) : closed();
  if (path === "session/setup") return choose(home, body.password);
  if (method === "POST") return enter(home, body);
  home.session = null;
  return {};
}

function enter(home, { ticket, user, password }) {
  if (home.wait) return refuse(problem(429, "too-many", "too many attempts: wait, or come in from LuCI or on the router"));
  const role = ticket === undefined ? user : home.tickets[ticket];
  delete home.tickets[ticket];
  if (!role || (ticket === undefined && home.passwords[user] !== password)) return refuse(problem(401, "login-required", "user or password is wrong: try again", { setup: false }));
  home.session = { user: ticket === undefined ? user : "luci", role };
  return {};
}

function choose(home, password) {
  if (home.passwords.owner) return refuse(problem(403, "not-allowed", "a password is set already: log in, or set another on the router"));
  if (new Set(password).size === 1) return refuse(problem(422, "invalid", "password is one character repeated: use another", { member: "password" }));
  home.passwords.owner = password;
  home.session = { user: "owner", role: "owner" };
  return {};
}

function change(home, { user, password, current }) {
  const wrong = home.session.user === "owner" && current !== home.passwords.owner;
  if (wrong) return refuse(problem(422, "invalid", "current is not the owner's password", { member: "current" }));
  home.passwords[user] = password;
  return {};
}

function keys(home, method, path, body) {
  if (method === "GET") return { status: 200, body: { tokens: home.tokens } };
  if (method === "DELETE") {
    home.tokens = home.tokens.filter((t) => path !== `tokens/${t.id}`);
    return {};
  }
  if (home.tokens.length >= 2) return refuse(problem(409, "unsupported", "there are 16 tokens already: revoke one first"));
  const made = { id: `t${home.tokens.length + 1}`, name: body.name, created: iso(home.now) };
  home.tokens.push(made);
  return { status: 201, body: { ...made, token: "q0-Kk3yLJ8n1mEo6wTt0nXh9oOqv8d2cYB1w4r7sZxE" } };
}
