extension HTMLReport {
  /// The functions that the other scripts share, and the buttons next to each CSV link: to copy the numbers, and to save
  /// the chart as SVG or PNG.
  static let script = #"""
    const ebb = {
      parse: text => text.trimEnd().split("\n").map(line => {
        const fields = [];
        for (const match of line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g))
          fields.push(match[1] === undefined ? match[2] : match[1].replaceAll('""', '"'));
        return fields;
      }),
      text: link => decodeURIComponent(link.href.slice(link.href.indexOf(",") + 1)),
    };
    (() => {
      const paper = `\#(ChartStylesheet.paper)`;
      const copy = async words => {
        try {
          await navigator.clipboard.writeText(words);
          return true;
        } catch {
          // Where the clipboard is refused, as on some pages from a disk, a selection can still be copied.
          const area = document.createElement("textarea");
          area.value = words;
          document.body.append(area);
          area.select();
          const isCopied = document.execCommand("copy");
          area.remove();
          return isCopied;
        }
      };
      // The picture alone, with light colours on white: what the page shows may be dark.
      const drawing = figure => {
        const shown = figure.querySelector("svg");
        const svg = shown.cloneNode(true);
        const {width, height} = shown.viewBox.baseVal;
        for (const name of [...svg.getAttributeNames()])
          if (name.startsWith("data-") || name === "tabindex") svg.removeAttribute(name);
        svg.setAttribute("class", "ebb-chart");
        svg.setAttribute("width", width);
        svg.setAttribute("height", height);
        const make = (name, text, attributes = {}) => {
          const element = document.createElementNS(shown.namespaceURI, name);
          element.textContent = text;
          for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
          return element;
        };
        svg.prepend(make("style", paper), make("rect", "", {class: "paper", width: "100%", height: "100%"}));
        return {text: new XMLSerializer().serializeToString(svg) + "\n", width, height};
      };
      const save = (content, name) => {
        const link = document.createElement("a");
        link.href = URL.createObjectURL(content);
        link.download = name;
        link.click();
        setTimeout(() => URL.revokeObjectURL(link.href), 60000);
      };
      const png = async ({text, width, height}) => {
        const image = new Image();
        // A picture from data stays readable on a canvas, even on a page from a disk.
        image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(text);
        await image.decode();
        const canvas = document.createElement("canvas");
        const zoom = 3;
        [canvas.width, canvas.height] = [Math.round(zoom * width), Math.round(zoom * height)];
        canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
        return new Promise(done => canvas.toBlob(done, "image/png"));
      };
      for (const link of document.querySelectorAll("a.csv")) {
        const figure = link.closest("figure");
        const name = document.body.dataset.name + "-" + figure.dataset.name;
        let last = link;
        const add = (label, title, action) => {
          const button = document.createElement("button");
          button.type = "button";
          button.className = "csv";
          button.textContent = label;
          button.title = title;
          button.addEventListener("click", async () => {
            let failure = "Failed";
            try {
              failure = await action();
            } catch {}
            if (!failure) return;
            button.textContent = failure;
            setTimeout(() => { button.textContent = label; }, 1500);
          });
          last.after(button);
          last = button;
        };
        add("Copy", "Copy the numbers", async () => await copy(ebb.text(link)) ? "Copied" : "Not copied");
        if (!figure.querySelector("svg")) continue;
        add("SVG", "Save the chart as SVG",
          () => save(new Blob([drawing(figure).text], {type: "image/svg+xml"}), name + ".svg"));
        add("PNG", "Save the chart as PNG", async () => save(await png(drawing(figure)), name + ".png"));
      }
    })();
    """#

  /// Reloads the page as long as it is being updated, and keeps open tables open.
  ///
  /// It does not reload while text is selected or a readout is shown, because these would disappear.
  static let reloadingScript = #"""
    (() => {
      const box = document.querySelector(".running");
      const interval = Number(box.dataset.interval), written = Number(box.dataset.time);
      const key = "ebb-open " + location.pathname;
      const tables = [...document.querySelectorAll("details")];
      // Pages from a disk may not be allowed to remember.
      try {
        for (const index of JSON.parse(sessionStorage.getItem(key) || "[]")) if (tables[index]) tables[index].open = true;
      } catch {}
      const message = box.querySelector("p"), said = message.textContent;
      setInterval(() => {
        const silent = Date.now() / 1000 - written;
        message.textContent = silent > 60 + 10 * interval
          ? said + " – nothing new for " + Math.round(silent / 60) + " min; the run may have been killed" : said;
        if (silent < interval || document.hidden || !getSelection().isCollapsed
          || document.querySelector(".readout:not([hidden])")) return;
        try {
          sessionStorage.setItem(key, JSON.stringify(tables.flatMap((table, index) => table.open ? [index] : [])));
        } catch {}
        location.reload();
      }, 1000 * Math.max(1, interval));
    })();
    """#
}
