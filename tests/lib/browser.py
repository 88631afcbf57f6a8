# SPDX-License-Identifier: Apache-2.0
"""A browser without script: cookies, links, forms, redirects.

    b = Browser(site.port)
    page = b.get("/auth/login")
    page = page.submit(username="dr-lee", password="...")
    page.status, page.title, page.text, page.links

Redirects are followed below 127.0.0.1:PORT alone; one that leads away (to an
app) ends in page.away, its URL, which is never fetched.
"""

import re
from html.parser import HTMLParser
from urllib.parse import quote_plus, urljoin, urlsplit

import wire

VOID = {"meta", "link", "input", "br", "hr", "img", "!doctype"}


class Form:
    def __init__(self, attrs):
        self.action = attrs.get("action", "")
        self.method = attrs.get("method", "get").lower()
        self.fields = []        # [name, value, attrs]
        self.buttons = []       # (name, value, text)

    def data(self, button=None, values=None):
        """What a browser sends: a dict overrides, None leaves out."""
        values = dict(values or {})
        out = []
        for name, value, attrs in self.fields:
            kind = attrs.get("type", "text")
            if name in values:
                continue
            if kind in ("checkbox", "radio") and "checked" not in attrs:
                continue
            if name and "disabled" not in attrs:
                out.append((name, value))
        for name, value in values.items():
            for v in value if isinstance(value, list) else [value]:
                if v is not None:
                    out.append((name, v))
        if button and button[0]:
            out.append(button[:2])
        return out


class Parser(HTMLParser):
    """Also a check: every element is closed, no script, no style."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.forms, self.links, self.ids = [], {}, []
        self.title, self.words, self.stack = "", [], []
        self.elements = []
        self.form = self.button = self.link = None

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        assert tag not in ("script", "style", "iframe", "object"), tag
        assert not any(a.startswith("on") or a == "style" for a in attrs)
        self.elements.append((tag, attrs))
        if "id" in attrs:
            assert attrs["id"] not in self.ids, attrs["id"]
            self.ids.append(attrs["id"])
        if tag == "form":
            assert self.form is None
            self.form = Form(attrs)
            self.forms.append(self.form)
        elif tag == "input" and self.form:
            self.form.fields.append([attrs.get("name"),
                                     attrs.get("value", "on"), attrs])
        elif tag == "button" and self.form:
            self.button = [attrs.get("name"), attrs.get("value", ""), ""]
        elif tag == "a":
            self.link = [attrs.get("href", ""), ""]
        if tag not in VOID:
            self.stack.append(tag)

    def handle_endtag(self, tag):
        assert self.stack and self.stack[-1] == tag, (tag, self.stack)
        self.stack.pop()
        if tag == "form":
            self.form = None
        elif tag == "button" and self.form:
            self.form.buttons.append(tuple(self.button))
            self.button = None
        elif tag == "a":
            self.links[" ".join(self.link[1].split())] = self.link[0]
            self.link = None

    def handle_data(self, data):
        if self.stack and self.stack[-1] == "title":
            self.title += data
            return
        self.words.append(data)
        if self.button is not None:
            self.button[2] += data
        if self.link is not None:
            self.link[1] += data


class Page:
    def __init__(self, browser, url, answer, away=None):
        self.browser, self.url, self.answer = browser, url, answer
        self.away = away
        self.status = answer.status
        self.html = answer.body.decode("utf-8", "replace")
        p = Parser()
        if answer.headers.get("content-type", "").startswith("text/html"):
            p.feed(self.html)
            p.close()
            assert not p.stack, p.stack
        self.title = p.title
        self.text = " ".join(" ".join(p.words).split())
        self.forms, self.links = p.forms, p.links
        self.ids, self.elements = p.ids, p.elements

    def __repr__(self):
        return f"<{self.status} {self.url} {self.title!r} {self.text[:300]}>"

    def headings(self):
        return re.findall(r"<h1>(.*?)</h1>", self.html)

    def form_for(self, action):
        found = [f for f in self.forms if f.action.endswith(action)]
        assert found, (action, self)
        return found[0]

    def submit(self, action=None, go=None, **values):
        """The first form, or the one of that action; go: a button's text."""
        form = self.form_for(action) if action else self.forms[0]
        button = None
        if go:
            hits = [b for b in form.buttons if go in b[2] or go == b[1]]
            assert hits, (go, form.buttons)
            button = hits[0]
        elif form.buttons:
            button = form.buttons[0]
        return self.browser.post(urljoin(self.url, form.action),
                                 form.data(button, values))

    def follow(self, text):
        hits = [u for t, u in self.links.items() if text in t]
        assert hits, (text, self.links)
        return self.browser.get(urljoin(self.url, hits[0]))


def encode(pairs):
    return "&".join(f"{quote_plus(str(n))}={quote_plus(str(v))}"
                    for n, v in pairs)


class Browser:
    def __init__(self, port):
        self.port = port
        self.host = f"http://127.0.0.1:{port}"
        self.cookies = {}
        self.set = []               # Set-Cookie lines seen
        self.trail = []             # (status, URL)

    def send(self, method, url, headers=(), body=None):
        """One request, its cookies kept, nothing followed."""
        parts = urlsplit(urljoin(self.host, url))
        target = parts.path + ("?" + parts.query if parts.query else "")
        headers = list(headers) + [("Accept", "text/html,*/*;q=0.8")]
        if self.cookies:
            headers.append(("Cookie", "; ".join(
                f"{n}={v}" for n, v in self.cookies.items())))
        answer = wire.request(self.port, method, target, headers, body)
        assert answer is not None, (method, url)
        for line in answer.head.split("\r\n"):
            name, _, value = line.partition(":")
            if name.lower() == "set-cookie":
                self.keep(value.strip())
        self.trail.append((answer.status, url))
        return answer

    def keep(self, line):
        self.set.append(line)
        pair, *rest = [p.strip() for p in line.split(";")]
        name, _, value = pair.partition("=")
        if "Max-Age=0" in rest:
            self.cookies.pop(name, None)
        else:
            self.cookies[name] = value

    def walk(self, url, answer):
        for _ in range(10):
            if answer.status not in (301, 302, 303, 307, 308):
                return Page(self, url, answer)
            there = urljoin(url, answer.headers["location"])
            if not there.startswith(self.host + "/auth"):
                return Page(self, url, answer, away=there)
            url = there
            answer = self.send("GET", url)
        raise AssertionError("redirects without end")

    def get(self, url):
        url = urljoin(self.host, url)
        return self.walk(url, self.send("GET", url))

    def post(self, url, pairs):
        url = urljoin(self.host, url)
        if isinstance(pairs, dict):
            pairs = list(pairs.items())
        return self.walk(url, self.send(
            "POST", url,
            [("Content-Type", "application/x-www-form-urlencoded")],
            encode(pairs)))
