/// The style sheet of the pictures: colours are variables, with a set for light and one for dark backgrounds.
enum SVGStyle {
  static let sheet = """
    .ebb-graph { --ground: #ffffff; --ink: #1d2733; --faint: #7b8794; --line: #8b98a6; --box: #f4f6f8;
      --box-line: #b9c3cd; --band: #f6f8fa; --band-odd: #eceff3; --cyclic: #fff6e5; --cyclic-line: #e0a93b;
      --input: #e3f0fd; --input-line: #4a90d9; --parameter: #efe6fb; --parameter-line: #8a5fc7;
      --state: #ffe9d2; --state-line: #d9822b; --output: #e0f4e6; --output-line: #3a9d5d; --carried: #d9822b; }
    @media (prefers-color-scheme: dark) { .ebb-graph { --ground: #12171d; --ink: #e4e9ee; --faint: #8f9ba8;
      --line: #708090; --box: #1f2730; --box-line: #4a5866; --band: #171d24; --band-odd: #1c232b; --cyclic: #2e2716;
      --cyclic-line: #a87f2c; --input: #17304a; --input-line: #5b9fe0; --parameter: #2e2344; --parameter-line: #a482dd;
      --state: #41290f; --state-line: #e2954a; --output: #173524; --output-line: #55b679; --carried: #e2954a; } }
    .ebb-graph text { font-family: system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; fill: var(--ink);
      text-anchor: middle; }
    .ebb-graph .ground { fill: var(--ground); }
    .ebb-graph .band { fill: var(--band); }
    .ebb-graph .band.odd { fill: var(--band-odd); }
    .ebb-graph .step { font-size: 13px; fill: var(--faint); }
    .ebb-graph .box { fill: var(--box); stroke: var(--box-line); stroke-width: 1.2; }
    .ebb-graph .box.cyclic { fill: var(--cyclic); stroke: var(--cyclic-line); }
    .ebb-graph .box.input { fill: var(--input); stroke: var(--input-line); }
    .ebb-graph .box.parameter { fill: var(--parameter); stroke: var(--parameter-line); }
    .ebb-graph .box.state { fill: var(--state); stroke: var(--state-line); }
    .ebb-graph .box.output { fill: var(--output); stroke: var(--output-line); stroke-width: 1.8; }
    .ebb-graph .symbol { font-size: 15px; }
    .ebb-graph .lowered { font-size: 10px; }
    .ebb-graph .of-parameter { fill: var(--parameter-line); font-weight: 600; }
    .ebb-graph .name { font-size: 12px; font-style: italic; }
    .ebb-graph .type { font-size: 10px; fill: var(--faint); }
    .ebb-graph .legend { font-size: 11px; fill: var(--faint); text-anchor: start; }
    .ebb-graph .edge { fill: none; stroke: var(--line); stroke-width: 1.3; }
    .ebb-graph .edge.shared { stroke-opacity: 0.45; }
    .ebb-graph .edge.between { stroke: var(--carried); }
    .ebb-graph .edge.carried { stroke: var(--carried); stroke-dasharray: 5 4; }
    .ebb-graph .head { fill: var(--line); }
    .ebb-graph .head.carried, .ebb-graph .head.between { fill: var(--carried); }
    .ebb-graph .label { font-size: 10px; fill: var(--faint); stroke: var(--ground); stroke-width: 3px;
      paint-order: stroke; }
    .ebb-graph .label.carried { fill: var(--carried); }
    .ebb-graph .label[text-anchor="end"] { text-anchor: end; }
    .ebb-graph .label[text-anchor="start"] { text-anchor: start; }

    """
}
