extension HTMLReport {
  /// Shows the numbers under the pointer, read from the figure's CSV link, so that the page holds them only once.
  static let script = #"""
    (() => {
      const parse = text => text.trimEnd().split("\n").map(line => {
        const fields = [];
        for (const match of line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g))
          fields.push(match[1] === undefined ? match[2] : match[1].replaceAll('""', '"'));
        return fields;
      });
      const short = text => {
        const value = Number(text);
        if (text === "" || Number.isNaN(value)) return text || "–";
        const size = Math.abs(value);
        return value !== 0 && (size < 1e-3 || size >= 1e6) ? value.toExponential(3) : String(Number(value.toPrecision(4)));
      };
      const text = link => decodeURIComponent(link.href.slice(link.href.indexOf(",") + 1));
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
      for (const link of document.querySelectorAll("a.csv")) {
        const button = document.createElement("button");
        button.type = "button";
        button.className = "csv";
        button.textContent = "Copy";
        button.addEventListener("click", async () => {
          button.textContent = await copy(text(link)) ? "Copied" : "Not copied";
          setTimeout(() => { button.textContent = "Copy"; }, 1500);
        });
        link.after(button);
      }
      for (const svg of document.querySelectorAll("svg[data-readout]")) {
        const figure = svg.closest("figure");
        const link = figure && figure.querySelector("a.csv");
        if (!link) continue;
        const plot = svg.parentElement;
        const box = document.createElement("div");
        const line = document.createElement("div");
        box.className = "readout";
        line.className = "crosshair";
        box.hidden = line.hidden = true;
        plot.append(line, box);
        const [left, top, width, height] = svg.dataset.frame.split(" ").map(Number);
        let rows;
        const show = event => {
          rows ??= parse(text(link));
          const bounds = svg.getBoundingClientRect();
          const zoom = bounds.width / svg.viewBox.baseVal.width;
          const x = (event.clientX - bounds.left) / zoom;
          const y = (event.clientY - bounds.top) / zoom;
          const across = (x - left) / width;
          const down = (y - top) / height;
          if (across < 0 || across > 1 || down < 0 || down > 1) return hide();
          box.replaceChildren();
          const add = (text, color) => {
            const entry = document.createElement("div");
            if (color) {
              const mark = document.createElement("i");
              mark.style.background = color;
              entry.append(mark);
            }
            entry.append(text);
            box.append(entry);
          };
          if (svg.dataset.readout === "cells") {
            const [rowCount, columnCount] = svg.dataset.cells.split(" ").map(Number);
            const row = rows[1 + Math.min(rowCount - 1, Math.floor(down * rowCount))];
            const column = 1 + Math.min(columnCount - 1, Math.floor(across * columnCount));
            add(rows[0][0] + " " + row[0] + ", " + rows[0][column]);
            add(short(row[column]));
          } else if (svg.dataset.readout === "points") {
            const place = (value, ends) => {
              const [kind, low, high] = ends.split(" ");
              const scale = kind === "log10" ? Math.log10 : Number;
              return (scale(Number(value)) - scale(Number(low))) / (scale(Number(high)) - scale(Number(low)));
            };
            let best, least = 15 ** 2;
            for (const row of rows.slice(1)) {
              const dx = (place(row[1], svg.dataset.x) - across) * width;
              const dy = (1 - place(row[2], svg.dataset.y) - down) * height;
              if (dx * dx + dy * dy < least) [best, least] = [row, dx * dx + dy * dy];
            }
            if (!best) return hide();
            const names = [...new Set(rows.slice(1).map(row => row[0]))];
            add(best[0], `var(--s${names.indexOf(best[0]) % 8})`);
            add(rows[0][1] + " " + short(best[1]));
            add(rows[0][2] + " " + short(best[2]));
          } else {
            const [kind, low, high] = svg.dataset.x.split(" ");
            const scale = kind === "log10" ? Math.log10 : Number;
            const wanted = scale(Number(low)) + across * (scale(Number(high)) - scale(Number(low)));
            let best = 1;
            for (let i = 2; i < rows.length; i += 1)
              if (Math.abs(scale(Number(rows[i][0])) - wanted) < Math.abs(scale(Number(rows[best][0])) - wanted)) best = i;
            if (!rows[best]) return;
            add(rows[0][0] + " " + short(rows[best][0]));
            rows[0].slice(1).forEach((name, index) => {
              const text = rows[best][index + 1];
              // After the curves come the events, which happened or did not, and the half widths of intervals.
              if (index < Number(svg.dataset.series)) add(name + "  " + short(text), `var(--s${index % 8})`);
              else if (name.startsWith("± ")) add(name + "  " + short(text));
              else if (text === "1") add(name);
            });
            const place = (scale(Number(rows[best][0])) - scale(Number(low))) / (scale(Number(high)) - scale(Number(low)));
            line.style.left = (left + place * width) * zoom + "px";
            line.style.top = top * zoom + "px";
            line.style.height = height * zoom + "px";
            line.hidden = false;
          }
          box.hidden = false;
          const beyond = x * zoom + box.offsetWidth + 24 > bounds.width;
          box.style.left = x * zoom + (beyond ? -box.offsetWidth - 12 : 14) + "px";
          box.style.top = Math.max(0, y * zoom - box.offsetHeight - 8) + "px";
        };
        const hide = () => { box.hidden = line.hidden = true; };
        plot.addEventListener("pointermove", show);
        plot.addEventListener("pointerleave", hide);
      }
    })();
    """#
}
