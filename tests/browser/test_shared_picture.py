"""The picture that a shared link shows is drawn from the design: `make pictures` draws it anew."""

import os
from io import BytesIO
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader
from PIL import Image, ImageChops, ImageStat

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
PRACTICE = Path(__file__).parents[2] / "practice"
PICTURE = PRACTICE / "static" / "img" / "shared.png"
PAGE = """<style>{{ design }}
  body { display: grid; place-items: center; block-size: 100vh; }
  .drawing { max-inline-size: none; inline-size: 60rem; stroke-width: 3; }
  .clay-line { stroke-width: 4; }</style>{% from "macros/drawings.html" import chairs %}{{ chairs() }}"""
SIZE = {"width": 1200, "height": 630}
CLOSE = 3  # of 255, on average: fonts and smoothing differ between machines, drawings and colours don't


def test_a_shared_link_shows_the_drawing_of_the_design(chromium):
    design = (PRACTICE / "static" / "css" / "practice.css").read_text(encoding="utf-8")
    page = chromium.new_page(viewport=SIZE, color_scheme="light")
    try:
        page.set_content(
            Environment(loader=FileSystemLoader(PRACTICE / "templates")).from_string(PAGE).render(design=design)
        )
        drawn = page.screenshot()
    finally:
        page.close()
    if os.environ.get("UPDATE_PICTURES"):
        Image.open(BytesIO(drawn)).convert("P", palette=Image.Palette.ADAPTIVE, colors=64).save(PICTURE, optimize=True)

    there, now = (Image.open(one).convert("RGB") for one in (PICTURE, BytesIO(drawn)))
    assert there.size == now.size == tuple(SIZE.values())
    assert max(ImageStat.Stat(ImageChops.difference(there, now)).mean) < CLOSE
