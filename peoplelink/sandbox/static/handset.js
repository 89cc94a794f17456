// Looks for news every two seconds. Without it, the page has a link that does the same.
"use strict";
const live = document.querySelector("[data-live]");
let seen = live?.innerHTML;
async function look() {
  // What a person is using must not be swapped under their hands.
  if (document.hidden || live.contains(document.activeElement) || live.querySelector("details[open]")) return;
  const answer = await fetch(location.pathname, { credentials: "same-origin" });
  if (!answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector("[data-live]")?.innerHTML;
  if (fresh !== undefined && fresh !== seen) live.innerHTML = seen = fresh;
}
if (live) setInterval(() => look().catch(() => {}), 2000);
