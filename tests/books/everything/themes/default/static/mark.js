// Marks on this page the words that a reader searched for, until Esc.
//
// The words stand in the page's address (`?mark=refund+label`), so that a marked place can be sent
// to somebody. They are painted with the CSS Custom Highlight API: the text itself stays as it is.
// Where a browser has none, nothing is marked.
"use strict";

(() => {
  const words = {
    clear: "Clear",
    marked: { one: "{n} place marked", other: "{n} places marked" },
    next: "Next place",
    previous: "Previous place",
    where: "{at} of {n}",
  };
  const asked = new URLSearchParams(location.search).get("mark").split(" ").filter(Boolean);
  if (!CSS.highlights || asked.length === 0) return;

  /** Where the words stand in the note: its head and its text, not what the page adds around them. */
  function find() {
    const ranges = [];
    for (const part of document.querySelectorAll(".head, .prose")) {
      const walker = document.createTreeWalker(part, NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        if (node.parentElement.closest(".anchor, .unseen, nav, math")) continue;
        let at = 0;
        for (const { text, hit } of fieldbookSearch.parts(node.data, asked)) {
          if (hit) {
            const range = new Range();
            range.setStart(node, at);
            range.setEnd(node, at + text.length);
            ranges.push(range);
          }
          at += text.length;
        }
      }
    }
    return ranges;
  }

  const ranges = find();
  if (ranges.length === 0) return tidy();
  CSS.highlights.set("fb-found", new Highlight(...ranges));

  // The place from which "next" leads on: where the address points, else the top.
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const follows = (range) => target.compareDocumentPosition(range.startContainer) & Node.DOCUMENT_POSITION_FOLLOWING;
  let here = target ? ranges.findIndex(follows) - 1 : -1;

  const { make, number, fill, counted } = fieldbook;
  const status = make("span", { role: "status" });
  const button = (label, sign, onclick) => make("button", { type: "button", ariaLabel: label, onclick }, sign);
  const bar = make(
    "div",
    { className: "marks" },
    status,
    button(words.previous, "↑", () => go(-1)),
    button(words.next, "↓", () => go(1)),
    button(words.clear, "×", clear),
  );
  document.body.append(bar);
  status.textContent = counted(words.marked, ranges.length);

  function go(step) {
    here = (here + step + ranges.length) % ranges.length;
    const range = ranges[here];
    const element = range.startContainer.parentElement;
    for (let fold = element.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    element.scrollIntoView({ block: "center" });
    CSS.highlights.set("fb-here", new Highlight(range));
    status.textContent = fill(words.where, { at: number.format(here + 1), n: number.format(ranges.length) });
  }

  function clear() {
    CSS.highlights.delete("fb-found");
    CSS.highlights.delete("fb-here");
    bar.remove();
    document.removeEventListener("keydown", escape);
    tidy();
  }

  function escape(event) {
    if (event.key === "Escape" && !event.defaultPrevented && !document.querySelector("dialog[open], :popover-open")) clear();
  }
  document.addEventListener("keydown", escape);

  /** The address of the page without the words. */
  function tidy() {
    const address = new URL(location);
    address.searchParams.delete("mark");
    history.replaceState(history.state, "", address);
  }
})();
