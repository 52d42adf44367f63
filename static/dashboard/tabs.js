// Tabs from what the server drew: a nav of links to sections. Without this script all sections stand below each other.
for (const box of document.querySelectorAll("[data-tabs]")) {
  const tabs = [...box.querySelectorAll("nav a")];
  const sections = tabs.map((tab) => document.getElementById(tab.hash.slice(1)));
  box.querySelector("nav").setAttribute("role", "tablist");
  tabs.forEach((tab, index) => {
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-controls", sections[index].id);
    sections[index].setAttribute("role", "tabpanel");
    sections[index].setAttribute("aria-labelledby", tab.id);
    tab.addEventListener("click", (event) => {
      event.preventDefault();
      choose(index);
    });
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (step) choose((index + step + tabs.length) % tabs.length).focus();
    });
  });

  function choose(chosen) {
    tabs.forEach((tab, index) => {
      tab.setAttribute("aria-selected", String(index === chosen));
      tab.tabIndex = index === chosen ? 0 : -1;
      sections[index].hidden = index !== chosen;
    });
    return tabs[chosen];
  }

  choose(Math.max(0, tabs.findIndex((tab) => tab.hash === location.hash)));
}
