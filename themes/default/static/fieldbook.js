// What a script adds to a page that reads well without one.
"use strict";

(() => {
  const root = document.documentElement;
  root.dataset.script = "";

  // The theme is the system's until the reader chooses the other; choosing back forgets the choice.
  function switchTheme(button) {
    const system = matchMedia("(prefers-color-scheme: dark)");
    const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);
    const show = () => button.setAttribute("aria-pressed", isDark());

    button.addEventListener("click", () => {
      const dark = !isDark();
      root.dataset.theme = dark === system.matches ? "" : dark ? "dark" : "light";
      try {
        localStorage["fb-theme"] = root.dataset.theme;
      } catch {
        // Storage is refused: the choice holds for this page.
      }
      show();
    });
    system.addEventListener("change", show);
    show();
  }

  function offerCopy(figure) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy";
    button.setAttribute("aria-live", "polite");
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(figure.querySelector("code").textContent);
        button.textContent = "Copied";
      } catch {
        button.textContent = "Not copied";
      }
      setTimeout(() => (button.textContent = "Copy"), 2000);
    });
    figure.append(button);
  }

  // The contents mark what is being read: the last heading that has come above the upper third.
  function markCurrent(links) {
    const headings = new Map();
    for (const link of links) {
      const heading = document.getElementById(decodeURIComponent(link.hash.slice(1)));
      if (heading) headings.set(heading, link);
    }
    const mark = () => {
      let current = null;
      for (const heading of headings.keys()) {
        if (heading.getBoundingClientRect().top > innerHeight / 3) break;
        current = heading;
      }
      for (const [heading, link] of headings) {
        if (heading === current) link.setAttribute("aria-current", "location");
        else link.removeAttribute("aria-current");
      }
    };
    const watch = new IntersectionObserver(mark, { rootMargin: "0px 0px -66%" });
    for (const heading of headings.keys()) watch.observe(heading);
  }

  const button = document.getElementById("fb-theme");
  if (button) switchTheme(button);
  if (navigator.clipboard) document.querySelectorAll("figure.code").forEach(offerCopy);
  markCurrent(document.querySelectorAll(".toc a"));
})();
