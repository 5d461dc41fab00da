extension HTMLReport {
  /// The page around the charts; its colours are the charts' own variables.
  static let stylesheet = """
    *{box-sizing:border-box}
    html{background:var(--paper);color:var(--ink);-webkit-text-size-adjust:100%;text-size-adjust:100%}
    body{margin:0;overflow-wrap:break-word;font:17px/1.55 Charter,"Bitstream Charter","Sitka Text",Cambria,Georgia,"Liberation Serif",serif}
    main{max-width:46rem;margin:0 auto;padding:3.5rem 1.25rem 4rem}
    h1,h2,.figure-title,figcaption,.caption,nav,table,summary,dl,.csv,.readout{font-family:system-ui,-apple-system,"Segoe UI",\
    Roboto,"Helvetica Neue",Arial,sans-serif}
    h1{font-size:2rem;line-height:1.2;letter-spacing:-.015em;margin:0 0 1rem;text-wrap:balance}
    h2{font-size:1.25rem;line-height:1.3;margin:3.2rem 0 .8rem;letter-spacing:-.005em}
    p{margin:0 0 1rem}
    .lead{font-size:1.18rem;line-height:1.5;margin-bottom:1.6rem}
    .findings{border-left:3px solid var(--rule);padding:.1rem 0 .1rem 1.1rem;margin:1.6rem 0}
    .findings h2{margin:0 0 .4rem;font-size:.8rem;letter-spacing:.06em;text-transform:uppercase;color:var(--soft)}
    ul{margin:0 0 1rem;padding-left:1.2rem}
    .findings ul{margin-bottom:.2rem}
    li{margin:.25rem 0}
    nav{display:flex;flex-wrap:wrap;gap:.3rem 1.1rem;margin-top:1.6rem;font-size:.85rem}
    a{color:inherit;text-decoration-thickness:1px;text-underline-offset:2px}
    code,pre{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"Liberation Mono",monospace;font-size:.88em}
    pre{overflow-x:auto;background:var(--missing);padding:.8rem 1rem;border-radius:4px;line-height:1.45}
    figure{margin:2rem 0 2.4rem}
    .figure-title{font-size:.95rem;font-weight:600;margin:0 0 .5rem;line-height:1.35}
    .figure-title span{color:var(--soft);font-weight:500;margin-right:.35rem}
    .plot{position:relative}
    .plot svg{display:block;width:100%;height:auto;overflow:visible;touch-action:pan-y}
    .plot svg:focus-visible{outline:1.5px solid var(--rule);outline-offset:3px}
    .plot .narrow{display:none}
    @media screen and (max-width:46rem){.plot .wide{display:none}.plot .narrow{display:block}\
    .plot .narrow,.row figure{max-width:30rem;margin-inline:auto}}
    figcaption,.caption{font-size:.84rem;line-height:1.5;color:var(--soft);margin-top:.6rem}
    .csv{font-size:.72rem;font-weight:600;letter-spacing:.03em;text-decoration:none;border:1px solid var(--rule);\
    border-radius:3px;padding:.05rem .35rem;margin-left:.2rem;color:var(--soft);white-space:nowrap}
    .csv:hover,.csv:focus-visible{color:var(--ink);border-color:var(--ink)}
    .csv{display:inline-block;line-height:1.4;vertical-align:baseline}
    .numbers{white-space:nowrap}
    button.csv{background:none;cursor:pointer;font-family:inherit}
    button.csv+button.csv{margin-left:.15rem}
    .row{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(21rem,100%),1fr));gap:1.4rem 2rem;\
    width:min(100vw - 2.5rem,calc(var(--columns)*21rem + 6rem));margin:2rem 0 2.4rem 50%;transform:translateX(-50%)}
    .row figure{margin-block:0;width:100%}
    .row figcaption{margin-top:.2rem}
    .caption{grid-column:1/-1;justify-self:center;max-width:43.5rem;width:100%;margin:0}
    .running{border:1px solid var(--rule);border-radius:4px;padding:.5rem .8rem .6rem;margin:0 0 1.4rem;\
    font:.85rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
    .running p{margin:0 0 .3rem}
    .running progress{display:block;width:100%;height:.45rem;accent-color:var(--soft)}
    details{margin-top:.4rem;font-size:.84rem}
    summary{color:var(--soft);cursor:pointer;font-size:.8rem}
    .scrolled{overflow-x:auto}
    /* A wide table may be wider than the text. */
    section>figure>.scrolled{width:max-content;min-width:100%;max-width:min(100vw - 2.5rem,64rem);margin-left:50%;\
    transform:translateX(-50%)}
    table{border-collapse:collapse;font-size:.84rem;line-height:1.35;font-variant-numeric:tabular-nums lining-nums;\
    margin:.3rem 0;border-top:1.5px solid var(--ink);border-bottom:1.5px solid var(--ink)}
    th{font-weight:600;text-align:left;vertical-align:bottom;border-bottom:1px solid var(--rule)}
    th,td{padding:.32rem 1.1rem .32rem 0}
    th:last-child,td:last-child{padding-right:.2rem}
    td{border-bottom:1px solid var(--grid)}
    tr:last-child td{border-bottom:0}
    .number{text-align:right;white-space:nowrap}
    .unit{color:var(--soft);font-weight:400}
    footer{margin-top:3.5rem;border-top:1px solid var(--rule);padding-top:.4rem}
    footer h2{font-size:.95rem;margin:1rem 0 .6rem}
    dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1.2rem;font-size:.84rem;margin:0}
    dt{color:var(--soft)}
    dd{margin:0;overflow-wrap:anywhere}
    .readout{position:absolute;pointer-events:none;background:var(--paper);color:var(--ink);border:1px solid \
    var(--rule);border-radius:4px;padding:.3rem .5rem;font-size:.74rem;line-height:1.45;white-space:nowrap;\
    font-variant-numeric:tabular-nums;box-shadow:0 1px 5px rgb(0 0 0/.14);z-index:1}
    .readout i{display:inline-block;background:var(--c);width:.65rem;height:.65rem;border-radius:2px;margin-right:.35rem;\
    vertical-align:-.05rem}
    .readout i.v1{opacity:.5}
    .readout i.v2{opacity:.25}
    .readout div:first-child:not(:last-child){font-weight:600}
    .crosshair{position:absolute;pointer-events:none}
    .crosshair.moment{min-width:1px;background:var(--rule)}
    .crosshair.area{background:color-mix(in srgb,var(--ink) 12%,transparent);outline:1px solid var(--rule)}
    .crosshair.around{width:14px!important;height:14px!important;margin:-7px;border:1.5px solid var(--ink);\
    border-radius:50%}
    /* On a phone each row of a wide table is a block, in which each number has its name. */
    @media screen and (max-width:36rem){main{padding:2rem .75rem 3rem}pre{white-space:pre-wrap}
    .row,section>figure>.scrolled{width:100%;max-width:100%;margin-left:0;transform:none}
    th,td{padding-right:.7rem}th.number{white-space:normal}
    .stacked,.stacked tbody{display:block}.stacked thead{display:none}
    .stacked tr{display:grid;grid-template-columns:1fr 1fr;gap:0 1.2rem;border-bottom:1px solid var(--rule);padding:.3rem 0}
    .stacked tr:last-child{border-bottom:0}
    .stacked td{display:flex;justify-content:space-between;gap:.6rem;border:0;padding:.1rem 0;text-align:right;\
    overflow-wrap:anywhere;white-space:normal}
    .stacked td::before{content:attr(data-label);color:var(--soft);text-align:left;flex:none;max-width:65%}
    .stacked td:first-child{grid-column:1/-1;justify-content:flex-start;font-weight:600}
    .stacked td:empty{display:none}
    dl{grid-template-columns:1fr}dd{margin-bottom:.4rem}}
    [hidden]{display:none!important}
    @media print{
    body{font-size:10.5pt}
    main{max-width:none;padding:0}
    h2{break-after:avoid;margin-top:1.6rem}
    figure,.findings,footer,tr{break-inside:avoid}
    .figure-title,.caption{break-after:avoid}
    details,.csv,nav,.running{display:none}
    /* A line of blocks stays on one page, unlike a row of a grid. */
    .row{display:block;width:auto;margin:1.2rem 0;transform:none}
    .row figure{display:inline-block;vertical-align:top;width:48.5%;max-width:none;margin:0 1% .8rem 0}
    .caption{max-width:none}
    section>figure>.scrolled{width:auto;max-width:none;margin-left:0;transform:none}
    a{color:inherit}
    }
    """
}
