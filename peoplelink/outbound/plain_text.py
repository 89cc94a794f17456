"""Markdown as plain text: the part of an email for programs and people that want no HTML."""

import textwrap
from collections.abc import Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

_SILENT = frozenset({"html_inline", "html_block", "image"})


def plain_text(markdown: MarkdownIt, body: str) -> str:
    """Words without marks; a link is its words, and the address in angle brackets (RFC 3986, appendix C)."""
    return "\n\n".join(_blocks(SyntaxTreeNode(markdown.parse(body)).children)).strip()


def _blocks(nodes: Sequence[SyntaxTreeNode]) -> Iterator[str]:
    for node in nodes:
        said = _block(node)
        if said.strip():
            yield said


def _block(node: SyntaxTreeNode) -> str:
    if node.type in {"paragraph", "heading"}:
        return "".join(map(_inline, node.children[0].children)) if node.children else ""
    if node.type in {"bullet_list", "ordered_list"}:
        return "\n".join(_items(node))
    if node.type == "blockquote":
        return textwrap.indent("\n\n".join(_blocks(node.children)), "> ", lambda _line: True)
    if node.type == "hr":
        return "---"
    if node.type in _SILENT:
        return ""
    return node.content.rstrip("\n")


def _items(node: SyntaxTreeNode) -> Iterator[str]:
    first = int(node.attrs.get("start", 1))
    for number, item in enumerate(node.children, start=first):
        mark = f"{number}. " if node.type == "ordered_list" else "- "
        said = "\n".join(_blocks(item.children))
        yield mark + textwrap.indent(said, " " * len(mark)).lstrip(" ")


def _inline(node: SyntaxTreeNode) -> str:
    if node.type in {"softbreak", "hardbreak"}:
        return "\n"
    if node.type in _SILENT:
        return ""
    if node.type != "link":
        return "".join(map(_inline, node.children)) if node.children else node.content
    words, address = "".join(map(_inline, node.children)), str(node.attrs["href"])
    return f"<{address}>" if words in {"", address} else f"{words} <{address}>"
