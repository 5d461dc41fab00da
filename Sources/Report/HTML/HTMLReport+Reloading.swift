extension HTMLReport {
  /// The scripts with which a page that changes loads itself again; empty for one that does not.
  var reloadingScripts: String {
    if running != nil { return Self.reload + Self.reloadingWhileRunning }
    if following != nil { return Self.reload + Self.reloadingAtChanges }
    return ""
  }

  /// The script at the start of a page that follows a file.
  var versionScript: String {
    guard let following else { return "" }
    return """

      <script>
      const version = "\(exactText(following.time))";
      if (location.hash === "#ebb-version") {
        parent.postMessage({ version }, "*");
        stop();
      }
      </script>
      """
  }

  /// Loads the page again, and keeps open tables open.
  private static let reload = #"""
    const reload = (() => {
      const key = "ebb-open " + location.pathname;
      const tables = [...document.querySelectorAll("details")];
      // Pages from a disk may not be allowed to remember.
      try {
        for (const index of JSON.parse(sessionStorage.getItem(key) || "[]")) if (tables[index]) tables[index].open = true;
      } catch {}
      return () => {
        try {
          sessionStorage.setItem(key, JSON.stringify(tables.flatMap((table, index) => table.open ? [index] : [])));
        } catch {}
        location.reload();
      };
    })();

    """#

  /// Reloads the page as long as it is being updated.
  ///
  /// It does not reload while text is selected or a readout is shown, because these would disappear.
  private static let reloadingWhileRunning = #"""
    (() => {
      const box = document.querySelector(".running");
      const interval = Number(box.dataset.interval), written = Number(box.dataset.time);
      const message = box.querySelector("p"), said = message.textContent;
      setInterval(() => {
        const silent = Date.now() / 1000 - written;
        message.textContent = silent > 60 + 10 * interval
          ? said + " – nothing new for " + Math.round(silent / 60) + " min; the run may have been killed" : said;
        if (silent < interval || document.hidden || !getSelection().isCollapsed
          || document.querySelector(".readout:not([hidden])")) return;
        reload();
      }, 1000 * Math.max(1, interval));
    })();
    """#

  /// Reloads the page once its file has another version.
  ///
  /// A page from a disk may not read files, its own included, but it may show them: a hidden frame loads the file as far
  /// as its first script, which sends the version. Where no answer comes, as from the finished page, the page is loaded
  /// again after a few questions.
  private static let reloadingAtChanges = #"""
    (() => {
      let frame, questions = 0;
      addEventListener("message", event => {
        if (!frame || event.source !== frame.contentWindow) return;
        questions = 0;
        if (event.data.version !== version) reload();
      });
      const ask = () => {
        if (document.hidden) return;
        if (questions === 8) return reload();
        questions += 1;
        if (frame) frame.remove();
        frame = document.createElement("iframe");
        frame.hidden = true;
        frame.sandbox = "allow-scripts";
        frame.src = location.href.split("#")[0] + "#ebb-version";
        document.body.append(frame);
      };
      setInterval(ask, 250);
      document.addEventListener("visibilitychange", ask);
    })();
    """#
}
