"""A page without the window around it, as the window would show it."""


def show_page(kind, session, qtbot):
    """Show a page that follows the session; what it asks for may still be on its way."""
    page = kind(session)
    qtbot.addWidget(page)
    session.loaded.connect(page.update_page)
    session.changed.connect(page.update_page)
    page.resize(1100, 640)
    page.show()
    page.update_page()
    return page
