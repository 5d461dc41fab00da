extension HTMLReport {
  /// Shows the numbers under the pointer, read from the figure's CSV link, so that the page holds them only once.
  ///
  /// A touch shows them until the next touch elsewhere; with the focus on a chart, arrow keys go from one number to the
  /// next and Escape hides them.
  static let readoutScript = #"""
    (() => {
      const short = text => {
        const value = Number(text);
        if (text === undefined || text === "" || Number.isNaN(value)) return text || "–";
        const size = Math.abs(value);
        return value !== 0 && (size < 1e-3 || size >= 1e6) ? value.toExponential(3) : String(Number(value.toPrecision(4)));
      };
      const number = text => /^\d{4}-\d\d-\d\d/.test(text)
        ? Date.parse(text.length > 10 ? text.replace(" ", "T") + "Z" : text) / 1000 : text === "" ? NaN : Number(text);
      // The place of a number along an axis, from 0 to 1.
      const scale = ends => {
        const [kind, low, high] = ends.split(" ");
        const along = kind === "log10" ? Math.log10 : Number;
        const first = along(Number(low)), length = along(Number(high)) - first;
        return text => (along(number(text)) - first) / length;
      };
      const nearest = (places, wanted) => places.reduce(
        (best, place, index) => Math.abs(place - wanted) < Math.abs(places[best] - wanted) || Number.isNaN(places[best])
          ? index : best, 0);
      const clamp = (value, low, high) => Math.max(low, Math.min(high, value));

      // For each kind of chart: the index of what is at a place, the index after an arrow key, and what to show there:
      // lines of text, each with the class of its colour, and the marked area in parts of the frame.
      const models = {
        line(rows, columns, x) {
          const [head, ...body] = rows;
          const points = body.map(row => ({row, place: x(row[0])})).filter(point => point.place >= 0 && point.place <= 1)
            .sort((one, other) => one.place - other.place);
          return {
            count: points.length, stride: 1,
            find: across => nearest(points.map(point => point.place), across),
            show: index => ({
              lines: [[head[0] + " " + short(points[index].row[0])], ...head.slice(1).flatMap((name, column) => {
                const text = points[index].row[column + 1];
                // An event happened here or did not.
                if (columns[column] === "event") return text === "1" ? [[name]] : [];
                return [[name + "  " + short(text), columns[column] === "number" ? "" : columns[column]]];
              })],
              mark: [points[index].place, 0, 0, 1],
            }),
          };
        },
        lines(rows, columns, x) {
          const [head, ...body] = rows;
          const names = [...new Set(body.map(row => row[0]))];
          const series = names.map((name, index) => ({
            name, color: columns[index],
            points: body.filter(row => row[0] === name).map(row => ({row, place: x(row[1])}))
              .filter(point => point.place >= 0 && point.place <= 1),
          })).filter(series => series.points.length);
          const all = new Map(series.flatMap(series => series.points.map(point => [point.place, point.row[1]])));
          const places = [...all.keys()].sort((one, other) => one - other);
          return {
            count: places.length, stride: 1,
            find: across => nearest(places, across),
            show: index => {
              const place = places[index], x = all.get(place);
              return {
                lines: [[head[1] + " " + short(x)], ...series.flatMap(({name, color, points}) => {
                  const {row, place: own} = points[nearest(points.map(point => point.place), place)];
                  if (color === "event") return own === place ? [[name]] : [];
                  // A series that ended before says nothing here.
                  if (place < points[0].place - 0.02 || place > points[points.length - 1].place + 0.02) return [];
                  // Behind y there may be half widths and ends of bands.
                  const others = row.slice(3).flatMap((text, column) =>
                    text === "" ? [] : [[head[column + 3] + "  " + short(text)]]);
                  return [[name + "  " + short(row[2]) + (row[1] === x ? "" : " at " + short(row[1])), color], ...others];
                })],
                mark: [place, 0, 0, 1],
              };
            },
          };
        },
        points(rows, columns, x, y, size) {
          const [head, ...body] = rows;
          const names = [...new Set(body.map(row => row[0]))];
          const points = body.map(row => ({row, across: x(row[1]), down: 1 - y(row[2])})).filter(
            ({across, down}) => across >= 0 && across <= 1 && down >= 0 && down <= 1);
          return {
            count: points.length, stride: 1,
            find: (across, down) => {
              const distances = points.map(
                point => Math.hypot((point.across - across) * size.width, (point.down - down) * size.height));
              const best = nearest(distances, 0);
              return distances[best] < 26 ? best : -1;
            },
            show: index => {
              const {row, across, down} = points[index];
              return {
                lines: [[row[0], columns[names.indexOf(row[0])]], [head[1] + " " + short(row[1])],
                  [head[2] + " " + short(row[2])]],
                mark: [across, down, 0, 0],
              };
            },
          };
        },
        bars(rows, columns, x, y, size, [count]) {
          const [head, ...body] = rows;
          return {
            count, stride: 1, isVertical: true,
            find: (across, down) => clamp(Math.floor(down * count), 0, count - 1),
            show: index => ({
              lines: [[body[index][0]], ...head.slice(1).map(
                (name, column) => [name + "  " + short(body[index][column + 1]), columns[column]])],
              mark: [0, index / count, 1, 1 / count],
            }),
          };
        },
        bins(rows, columns, x) {
          const [head, ...body] = rows;
          const edges = [...body.map(row => x(row[0])), x(body[body.length - 1][1])];
          return {
            count: body.length, stride: 1,
            find: across => {
              const bin = edges.findIndex(edge => edge > across) - 1;
              return across < edges[0] ? -1 : bin >= 0 ? bin : across <= edges[body.length] ? body.length - 1 : -1;
            },
            show: index => ({
              lines: [[head[0].replace(/^from /, "") + " " + short(body[index][0]) + " to " + short(body[index][1])],
                ["count  " + body[index][2], columns[0]]],
              mark: [edges[index], 0, edges[index + 1] - edges[index], 1],
            }),
          };
        },
        cells(rows, columns, x, y, size, [rowCount, columnCount]) {
          const [head, ...body] = rows;
          return {
            count: rowCount * columnCount, stride: columnCount,
            find: (across, down) => columnCount * clamp(Math.floor(down * rowCount), 0, rowCount - 1)
              + clamp(Math.floor(across * columnCount), 0, columnCount - 1),
            show: index => {
              const row = Math.floor(index / columnCount), column = index % columnCount;
              return {
                lines: [[head[0] + " " + body[row][0]], [head[column + 1].replace("=", " ")],
                  [short(body[row][column + 1])]],
                mark: [column / columnCount, row / rowCount, 1 / columnCount, 1 / rowCount],
              };
            },
          };
        },
      };

      for (const svg of document.querySelectorAll("svg[data-readout]")) {
        const link = svg.closest("figure")?.querySelector("a.csv");
        if (!link) continue;
        const plot = svg.parentElement;
        const box = document.createElement("div");
        const mark = document.createElement("div");
        box.className = "readout";
        box.setAttribute("role", "status");
        mark.className = "crosshair";
        box.hidden = mark.hidden = true;
        plot.append(mark, box);
        const [left, top, width, height] = svg.dataset.frame.split(" ").map(Number);
        let model, current = -1;
        const read = () => model ??= models[svg.dataset.readout](
          ebb.parse(ebb.text(link)), (svg.dataset.columns ?? "").split(" "), svg.dataset.x && scale(svg.dataset.x),
          svg.dataset.y && scale(svg.dataset.y), {width, height}, (svg.dataset.cells ?? "").split(" ").map(Number));
        const hide = () => {
          box.hidden = mark.hidden = true;
          current = -1;
        };
        const show = (index, pointer) => {
          if (index < 0 || index >= read().count) return hide();
          current = index;
          const {lines, mark: [across, down, wide, high]} = model.show(index);
          box.replaceChildren(...lines.map(([text, color]) => {
            const entry = document.createElement("div");
            if (color) {
              const swatch = document.createElement("i");
              swatch.className = color.replace(".", " ");
              entry.append(swatch);
            }
            entry.append(text);
            return entry;
          }));
          const bounds = svg.getBoundingClientRect(), outer = plot.getBoundingClientRect();
          const zoom = bounds.width / svg.viewBox.baseVal.width;
          const area = {
            left: bounds.left - outer.left + (left + across * width) * zoom,
            top: bounds.top - outer.top + (top + down * height) * zoom,
            width: wide * width * zoom, height: high * height * zoom,
          };
          // A point is marked around it, a moment by a line.
          const isPoint = wide === 0 && high === 0;
          mark.className = "crosshair" + (isPoint ? " around" : wide === 0 ? " moment" : " area");
          for (const [side, length] of Object.entries(area)) mark.style[side] = length + "px";
          const place = pointer ? {x: pointer.clientX - outer.left, y: pointer.clientY - outer.top}
            : {x: area.left + area.width / 2, y: area.top + Math.min(area.height / 2, 60)};
          box.hidden = mark.hidden = false;
          const isBeyond = place.x + box.offsetWidth + 16 > outer.width;
          box.style.left = clamp(
            place.x + (isBeyond ? -box.offsetWidth - 12 : 14), 0, Math.max(0, outer.width - box.offsetWidth)) + "px";
          box.style.top = Math.max(0, place.y - box.offsetHeight - 8) + "px";
        };
        const point = event => {
          const bounds = svg.getBoundingClientRect();
          const zoom = bounds.width / svg.viewBox.baseVal.width;
          const across = ((event.clientX - bounds.left) / zoom - left) / width;
          const down = ((event.clientY - bounds.top) / zoom - top) / height;
          // The names of bars are on the left of the frame and their numbers on the right.
          const isInside = down >= 0 && down <= 1 && (svg.dataset.readout === "bars" || (across >= 0 && across <= 1));
          show(isInside ? read().find(across, down) : -1, event);
        };
        svg.tabIndex = 0;
        svg.addEventListener("pointermove", point);
        svg.addEventListener("pointerdown", point);
        svg.addEventListener("pointerleave", event => { if (event.pointerType === "mouse") hide(); });
        svg.addEventListener("blur", hide);
        document.addEventListener("pointerdown", event => { if (!svg.contains(event.target)) hide(); });
        svg.addEventListener("keydown", event => {
          const {count, stride, isVertical} = read();
          const step = {ArrowRight: 1, ArrowLeft: -1, ArrowDown: stride > 1 || isVertical ? stride : 0,
            ArrowUp: stride > 1 || isVertical ? -stride : 0}[event.key];
          if (event.key === "Escape") hide();
          if (!step || !count) return;
          event.preventDefault();
          show(current < 0 ? (step > 0 ? 0 : count - 1) : clamp(current + step, 0, count - 1));
        });
      }
    })();
    """#
}
