// Draws the page's diagrams with mermaid.
//
// The page's policy allows neither inline styles nor style attributes, and mermaid writes both. So
// it works in an empty frame, where its styles are turned into what the policy does allow and the
// theme's own cannot change its measures. What it draws is shown as an image: the styles inside an
// image are not the page's. Where anything fails, the source stays as it is.
"use strict";

(() => {
  const library = new URL(document.currentScript.dataset.mermaid, document.baseURI).href;
  const systemDark = matchMedia("(prefers-color-scheme: dark)");
  const theme = document.documentElement;

  const diagrams = [...document.querySelectorAll("figure.diagram")].map((figure) => ({
    figure,
    source: figure.querySelector("pre.mermaid"),
    image: null,
  }));

  // Adds a frame or a script and waits until it has loaded.
  function load(element, parent) {
    return new Promise((resolve, reject) => {
      element.onload = resolve;
      element.onerror = () => reject(new Error(`cannot load ${element.src}`));
      parent.append(element);
    });
  }

  // Mermaid in an empty frame. It measures text there, so the frame is laid out, but not seen.
  async function openFrame() {
    const frame = document.createElement("iframe");
    frame.title = "Diagrams are measured here";
    frame.style.cssText =
      "position: fixed; inset: 0 auto auto 0; inline-size: 60rem; block-size: 40rem; border: 0; visibility: hidden; pointer-events: none";
    await load(frame, document.body);
    allowStyles(frame.contentWindow);

    const script = frame.contentDocument.createElement("script");
    script.src = library;
    await load(script, frame.contentDocument.head);
    return frame.contentWindow.mermaid;
  }

  // The style sheet of the diagram that is being drawn.
  let css = "";

  // Style attributes are set through the object model, and the text of a style element becomes a
  // constructed style sheet. Mermaid cleans its markup by parsing it; a parser too reports what
  // stands inline, so that goes through it under other names.
  function allowStyles({ document: inner, Element, CSSStyleSheet, DOMParser }) {
    const { setAttribute } = Element.prototype;
    Element.prototype.setAttribute = function (name, value) {
      if (name === "style") this.style.cssText = value;
      else setAttribute.call(this, name, value);
    };

    const { createElement } = inner;
    inner.createElement = function (name, options) {
      if (name !== "style") return createElement.call(inner, name, options);
      return Object.defineProperty(createElement.call(inner, "fb-style"), "innerHTML", {
        set(text) {
          css = text;
          const sheet = new CSSStyleSheet();
          sheet.replaceSync(css);
          inner.adoptedStyleSheets = [sheet];
        },
      });
    };

    const { parseFromString } = DOMParser.prototype;
    DOMParser.prototype.parseFromString = function (markup, type) {
      return parseFromString.call(this, renameInline(String(markup)), type);
    };
  }

  function renameInline(markup) {
    return markup.replace(/<[^>]*>/g, (tag) =>
      tag.replace(/^<style\b/i, "<fb-style").replace(/\s(style|on\w+)\s*=/gi, " data-fb-$1="),
    );
  }

  function isDark() {
    return theme.dataset.theme ? theme.dataset.theme === "dark" : systemDark.matches;
  }

  // The theme's colours as they are now, as `#rrggbb`.
  function palette(...names) {
    const probe = document.body.appendChild(document.createElement("span"));
    const colours = names.map((name) => {
      probe.style.color = `var(--${name})`;
      const channels = getComputedStyle(probe).color.match(/\d+/g).slice(0, 3);
      return "#" + channels.map((channel) => Number(channel).toString(16).padStart(2, "0")).join("");
    });
    probe.remove();
    return colours;
  }

  function settings() {
    const [paper, card, sunk, ink, ink3, control, bad] = palette("paper", "card", "sunk", "ink", "ink3", "control", "bad");
    const series = palette("accent", "unsure", "live", "old", "bad", "good", "idle", "link");
    const themeVariables = {
      darkMode: isDark(),
      background: paper,
      fontFamily: "system-ui, sans-serif",
      fontSize: "15px",
      primaryColor: card,
      primaryTextColor: ink,
      primaryBorderColor: control,
      secondaryColor: sunk,
      tertiaryColor: sunk,
      lineColor: ink3,
      textColor: ink,
      edgeLabelBackground: paper,
      noteBkgColor: sunk,
      noteTextColor: ink,
      noteBorderColor: control,
      sequenceNumberColor: paper,
      signalColor: ink3,
      sectionBkgColor: sunk,
      altSectionBkgColor: paper,
      taskBkgColor: series[0],
      taskTextColor: paper,
      taskTextDarkColor: ink,
      taskTextOutsideColor: ink,
      activeTaskBkgColor: card,
      activeTaskBorderColor: series[0],
      doneTaskBkgColor: sunk,
      doneTaskBorderColor: control,
      gridColor: control,
      todayLineColor: bad,
      pieSectionTextColor: paper,
      pieStrokeColor: paper,
      pieOuterStrokeColor: control,
      pieOpacity: 1,
      xyChart: { plotColorPalette: series.join(",") },
    };
    series.forEach((colour, index) => {
      themeVariables[`pie${index + 1}`] = colour;
      themeVariables[`git${index}`] = colour;
      themeVariables[`gitBranchLabel${index}`] = paper;
      themeVariables[`cScale${index}`] = colour;
      themeVariables[`cScaleLabel${index}`] = paper;
    });

    // Labels as SVG text: HTML inside an image is not drawn by every browser. What keeps a note
    // from doing harm cannot be changed by the note.
    const htmlLabels = false;
    return {
      startOnLoad: false,
      securityLevel: "strict",
      suppressErrorRendering: true,
      logLevel: "fatal",
      htmlLabels,
      flowchart: { htmlLabels },
      class: { htmlLabels },
      state: { htmlLabels },
      theme: "base",
      themeVariables,
      themeCSS: ".edgeLabel rect { opacity: 1 }",
      secure: ["secure", "securityLevel", "startOnLoad", "maxTextSize", "maxEdges", "suppressErrorRendering", "logLevel", "htmlLabels"],
    };
  }

  // Mermaid's markup as an image with a size of its own. (In SVG text, mermaid escapes the
  // ampersand of an entity once too often.)
  function toImage(markup) {
    const html = renameInline(markup.replace(/&amp;(#?\w+;)/g, "&$1"));
    const svg = new DOMParser().parseFromString(html, "text/html").querySelector("svg");
    const [width, height] = svg.getAttribute("viewBox").split(" ").slice(2).map(Math.ceil);
    svg.setAttribute("width", width);
    svg.setAttribute("height", height);
    svg.prepend("\0");

    const xml = new XMLSerializer()
      .serializeToString(svg)
      .replaceAll(" data-fb-style=", " style=")
      .replace("\0", () => `<style>${css.replace(/&/g, "&amp;").replace(/</g, "&lt;")}</style>`);

    const image = new Image(width, height);
    image.alt = svg.querySelector(":scope > title")?.textContent || "Diagram; its source follows";
    image.className = isDark() ? "dark" : "light";
    image.src = "data:image/svg+xml," + encodeURIComponent(xml);
    return image;
  }

  function show(diagram, image) {
    if (diagram.image) {
      diagram.image.replaceWith(image);
    } else {
      const drawing = document.createElement("div");
      drawing.className = "drawing";
      drawing.tabIndex = 0;
      drawing.role = "group";
      drawing.ariaLabel = "Diagram";
      drawing.append(image);

      const details = document.createElement("details");
      const summary = document.createElement("summary");
      summary.textContent = "Diagram source";
      details.append(summary, diagram.source);
      diagram.figure.append(drawing, details);
    }
    diagram.image = image;
  }

  let drawings = 0;
  async function draw(mermaid) {
    mermaid.initialize(settings());
    for (const diagram of diagrams) {
      try {
        const { svg } = await mermaid.render(`fb-diagram-${++drawings}`, diagram.source.textContent);
        const image = toImage(svg);
        await image.decode();
        show(diagram, image);
      } catch (error) {
        console.info("A diagram is shown as its source:", error.message);
      }
    }
  }

  if (diagrams.length > 0) {
    openFrame().then((mermaid) => {
      // One drawing at a time: a change of theme waits for the drawing before it.
      let queue = draw(mermaid);
      const redraw = () => (queue = queue.then(() => draw(mermaid)));
      systemDark.addEventListener("change", redraw);
      new MutationObserver(redraw).observe(theme, { attributeFilter: ["data-theme"] });
    }, console.info);
  }
})();
