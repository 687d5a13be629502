"""Troubles of a run: each adds its steps to the plan that is being drawn."""

from .plan import Step

VIEW_STEPS = {"type", "change", "save", "save-and-type", "server"}


def another_program(maker):
    document = maker.pick(maker.documents)
    how = maker.random.choice(("grow", "grow", "replace", "replace", "delete", "rename", "read-only"))
    maker.touched.add(document)
    maker.before.append(Step("foreign", document, how, maker.mark() if how in {"grow", "replace"} else ""))
    if maker.chance(0.5):
        views = [number for number, view in enumerate(maker.views) if view.document == document]
        maker.before.append(Step("change", maker.random.choice(views), mark=maker.mark()))


def lost_edit(maker):
    """Type while JupyterLab's own save is in flight, after which JupyterLab reports no unsaved changes."""
    view = maker.pick(maker.views)
    if maker.views[view].document not in maker.touched:
        maker.before.append(Step("change", view, mark=maker.mark()))
        maker.before.append(Step("save-and-type", view, mark=maker.mark()))


def full_volume(maker):
    view = maker.pick(maker.views)
    maker.touched.add(maker.views[view].document)
    maker.before.append(Step("fill-volume"))
    if maker.chance(0.7):
        maker.before.append(Step("change", view, "huge", maker.mark()))


def broken_server(maker):
    view = maker.pick(maker.views)
    how = maker.random.choice(("500", "swallow", "swallow", "drop", "500-once", "swallow-once", "slow"))
    everything = "" if maker.chance(0.6) else " everything"
    maker.before += [Step("change", view, mark=maker.mark()), Step("server", view, how + everything)]


def typed_in_flight(maker):
    """Type while our save is in flight."""
    view = maker.pick(maker.views)
    maker.before += [Step("change", view, mark=maker.mark()), Step("server", view, "hold")]
    maker.during.append(Step("in-flight", view, maker.random.choice(("type", "change", "change")), maker.mark()))


def silent_tab(maker):
    view = maker.pick(maker.views)
    tab = maker.views[view].tab
    if len(maker.tabs) > len(maker.silent | {tab}):
        maker.silent.add(tab)
        maker.before.append(Step("change", view, mark=maker.mark()))
        how = maker.random.choice(("deaf", "dumb", "dead"))
        maker.before.append(
            Step("mute", tab, how) if maker.chance(0.6) else Step("block", tab, maker.random.choice(("1", "6")))
        )


def lost_connection(maker):
    maker.during.append(Step("drop", maker.pick(maker.tabs)))


def tab_goes(maker):
    others = [view for view in maker.views if view.tab != 0]
    tab = maker.random.choice(others).tab if others else 0
    if tab and len(maker.tabs) > len(maker.silent | {tab}):
        maker.silent.add(tab)
        maker.during.append(Step("close-tab", tab))


def tab_comes(maker):
    view = maker.random.choice(maker.views)
    maker.during.append(Step("open-document", view.document, mark=maker.mark()))


def written_meanwhile(maker):
    """Let another program write a document that no tab has changed."""
    changed = {maker.views[step.at].document for step in maker.before if step.do in VIEW_STEPS}
    clean = [number for number in range(len(maker.documents)) if number not in changed]
    if clean:
        document = maker.random.choice(clean)
        maker.touched.add(document)
        maker.during.append(Step("foreign", document, maker.random.choice(("grow", "replace")), maker.mark()))


def running_kernel(maker):
    notebooks = [n for n, view in enumerate(maker.views) if view.kernel and maker.tabs[view.tab] == "lab"]
    if notebooks:
        maker.before.append(Step("run", maker.random.choice(notebooks), maker.random.choice(("short", "long"))))


def aws_refuses(maker):
    operation = maker.random.choice(("StopNotebookInstance", "AddTags", "DescribeNotebookInstance"))
    code = maker.random.choice(("AccessDeniedException", "ThrottlingException", "ValidationException"))
    maker.before.append(Step("aws", 0, f"{operation} {code}"))


TROUBLES = (
    another_program,
    another_program,
    another_program,
    lost_edit,
    full_volume,
    broken_server,
    broken_server,
    typed_in_flight,
    typed_in_flight,
    silent_tab,
    silent_tab,
    lost_connection,
    tab_goes,
    tab_comes,
    written_meanwhile,
    running_kernel,
    aws_refuses,
)
