// The Alpine of the console reads expressions itself instead of evaluating them (static/unfold/js/alpine), and knows
// neither statements, nor arrow functions, nor globals. What unfold's templates say in those is said here in others:
// each text as it stands in a template, and what is read in its place.
{
  const READ_INSTEAD = [
    [/^\{ activeTab: '([\w-]*)', sidebarMobileOpen: false, sidebarDesktopOpen: .*\}$/, "shell('$1')"],
    [/^\{ sidebarMobileOpen: false, sidebarDesktopOpen: .*\}$/, "shell('')"],
    [/^activeTab = .*\$watch\('sidebarDesktopOpen', .*\);$/, ""], // shell() does it
    [/^sidebarDesktopOpen = !sidebarDesktopOpen; localStorage\..*;$/, "sidebarDesktopOpen = !sidebarDesktopOpen"],
    [/^activeTab && activeTab !== 'general' \? window\.location\..*$/, "addressOfTab()"],
    [/^window\.location\.href = \$el\.href \+ window\.location\.hash$/, "followWithTab($el.href)"],
    [/^'width: ' \+ changeListWidth \+ 'px'$/, "{ width: changeListWidth + 'px' }"],
    [/^openSearchResults = true; currentIndex = 0$/, "[openSearchResults = true, currentIndex = 0]"],
    [/^openSearchResults = false; if \(\$refs\.searchInput\..*\}$/, "[openSearchResults = false, leaveSearch($refs.searchInput)]"],
    [/^if \(!\$event\.metaKey && !\$event\.ctrlKey\) (selectItem\(.*\))$/, "!$event.metaKey && !$event.ctrlKey && $1"],
  ];

  const readInstead = (attribute) => {
    if (!attribute.name.startsWith("x-") || typeof attribute.value !== "string") return attribute;
    const text = attribute.value.replace(/\s+/g, " ").trim();
    const [found, instead] = READ_INSTEAD.find(([pattern]) => pattern.test(text)) ?? [];
    return found ? { ...attribute, value: text.replace(found, instead) } : attribute;
  };

  const SIDEBAR = "sidebarDesktopOpen";

  // What all of a page shares: the sidebar, open or not and remembered, and the tab that is looked at.
  const shell = (firstTab) => ({
    activeTab: getCurrentTab() || firstTab,
    sidebarMobileOpen: false,
    sidebarDesktopOpen: localStorage.getItem(SIDEBAR) !== "0",
    init() {
      this.$watch(SIDEBAR, (open) => localStorage.setItem(SIDEBAR, open ? "1" : "0"));
    },
    addressOfTab() {
      const here = window.location.pathname + window.location.search;
      return this.activeTab && this.activeTab !== "general" ? `${here}#${this.activeTab}` : here;
    },
    followWithTab(address) {
      window.location.href = address + window.location.hash;
    },
    leaveSearch(box) {
      if (box.value === "") box.blur();
      else box.value = "";
    },
  });

  document.addEventListener("alpine:init", () => {
    for (const [name, make] of Object.entries({ shell, theme, searchForm, searchDropdown, searchCommand })) {
      Alpine.data(name, make);
    }
    Alpine.mapAttributes(readInstead);
  });

  // htmx would write a stylesheet into the page and evaluate `hx-on`; its few rules stand in console.css.
  htmx.config.includeIndicatorStyles = false;
  htmx.config.allowEval = false;
}
