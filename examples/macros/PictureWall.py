r"""
<<PictureWall(Page, columns=3)>>: the pictures that a page's text shows, as a table.

Found are ![words](address) of Markdown and {{address|words}} of Moin markup.

    >>> # with Trip "![Hill](/static/hill.png) and {{https://example.org/lake.jpg|Lake}}\n{{NotAPicture}}"
    >>> <<PictureWall(Trip)>>
    Hill Lake
    >>> <<PictureWall(Nowhere)>>
    no pictures
    >>> <<PictureWall(Trip, columns=x)>>
    <<PictureWall: ...columns...>>
"""
import re

from MoinMoin.Page import Page

Dependencies = ['pages']

PICTURE = re.compile(r'!\[([^\]]*)\]\((\S+?)\)|\{\{([^}|]+)(?:\|([^}|]*))?\}\}')
ENDINGS = ('.png', '.jpg', '.jpeg', '.gif', '.webp', '.svg')


def macro_PictureWall(macro, page='', columns=3):
    f = macro.formatter
    text = Page(macro.request, page or f.page.page_name).get_raw_body()
    pictures = []
    for markdown_words, markdown, moin, moin_words in PICTURE.findall(text):
        address, words = (markdown, markdown_words) if markdown else (moin, moin_words)
        if address.startswith(('https://', '/')) and address.lower().endswith(ENDINGS):
            pictures.append((address, words or address))
    if not pictures:
        return f.text('no pictures')
    columns = max(1, min(columns, 10))
    out = [f.table(1)]
    for row in range(0, len(pictures), columns):
        out.append(f.table_row(1))
        for address, words in pictures[row:row + columns]:
            out += [f.table_cell(1), f.image(src=address, alt=words), f.linebreak(0), f.text(words), f.table_cell(0)]
        out.append(f.table_row(0))
    out.append(f.table(0))
    return ''.join(out)
