try{document.documentElement.dataset.theme=localStorage["fb-theme"]||""}catch{}
