// Runs before the first paint, from a file of its own so that the content security policy can forbid inline scripts.
;(() => {
  try {
    const theme = localStorage.getItem('beamline:theme')
    if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
  } catch {
    // Storage is forbidden here: the system's theme stays.
  }
})()
