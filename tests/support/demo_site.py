"""The sample site of the tour: a few files, made here."""

import random

POPULAR = "/news.html"

PAGE = """<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <title>{title}</title>
  <link rel="stylesheet" href="/style.css">
  <script src="/app.js" defer></script>
</head>
<body>
  <main>
    <img src="/jar.svg" alt="A jar" width="120" height="150">
    <h1>{title}</h1>
{text}
    <p><a href="/">home</a> · <a href="/news.html">news</a> ·
       <a href="/film.bin">20 MB</a></p>
    <p id="status"></p>
  </main>
</body>
</html>
"""

STYLE = """body {
  margin: 0; min-height: 100vh; display: grid; place-items: center;
  font: 18px/1.6 system-ui, sans-serif; color: #333; background: #fbf7ef;
}
main { max-width: 40rem; padding: 2rem; text-align: center; }
a { color: #a4502a; }
#status { font: 14px monospace; color: #777; }
"""

SCRIPT = """fetch(location.href).then(response => {
  document.getElementById("status").textContent =
      "Cache-Status: " + response.headers.get("Cache-Status") +
      " / Age: " + response.headers.get("Age");
});
"""

JAR = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 150">
  <rect x="25" y="8" width="70" height="18" rx="4" fill="#a4502a"/>
  <rect x="15" y="30" width="90" height="112" rx="16" fill="#f3d9a4"
        stroke="#c89f5d" stroke-width="3"/>
  <rect x="30" y="62" width="60" height="42" rx="4" fill="#fff"/>
  <text x="60" y="90" text-anchor="middle" font-family="Georgia, serif"
        font-size="20" fill="#a4502a">larder</text>
</svg>
"""


def paragraphs(n, seed):
    words = ("cream butter honey plums quinces jars shelves cellar cool fresh "
             "kept season summer winter bread cheese apples smoked dried"
             ).split()
    source = random.Random(seed)
    return "\n".join(
        "    <p>" + " ".join(source.choices(words, k=40)).capitalize()
        + ".</p>" for _ in range(n))


def files():
    """path -> (content type, body)"""
    html = "text/html; charset=utf-8"
    front = PAGE.format(title="Welcome to the larder", text=paragraphs(3, 1))
    news = PAGE.format(title="News from the larder",
                       text=paragraphs(900, 2))
    return {
        "/index.html": (html, front.encode()),
        "/style.css": ("text/css", STYLE.encode()),
        "/app.js": ("text/javascript", SCRIPT.encode()),
        "/jar.svg": ("image/svg+xml", JAR.encode()),
        "/film.bin": ("application/octet-stream",
                      random.Random(3).randbytes(20_000_000)),
        POPULAR: (html, news.encode()),
    }
