"""An invented person's record as the sections of a pack, and what went along."""

from __future__ import annotations

from redbag.domain.pack import Entry, PackItem, PackSection


def needs() -> PackSection:
    entries = (
        Entry(
            "Walking and moving about",
            "Usually: moderate difficulty (walking frame). Today: severe difficulty",
        ),
        Entry(
            "Getting in and out of bed or chair",
            "Usually: moderate difficulty (one person). Today: hoist, two people",
        ),
        Entry("Using the toilet, continence", "Usually: slight difficulty (pads at night)"),
        Entry("Washing and dressing", "Usually: moderate difficulty"),
        Entry(
            "Eating and drinking",
            "Usually: moderate difficulty (red beaker, prompt each sip). Today: took nothing",
        ),
        Entry(
            "Memory and thinking", "Usually: moderately severe difficulty (knows her name and her daughter)"
        ),
        Entry(
            "Pain, and how the person shows it",
            "Rubs her left hip, goes quiet, frowns. Says “fine” when it hurts.",
        ),
        Entry("Food (IDDSI level)", "5 Minced and moist"),
        Entry("Drinks (IDDSI level)", "2 Mildly thick"),
        Entry("Catheter", "Urethral, 14 Ch, changed 30 October 2026"),
        Entry("Skin", "Frail; dressing on the left shin, changed every third day"),
        Entry("Pressure areas", "Sacrum, category 2, 2 cm, improving; left heel, category 1"),
        Entry("Clinical Frailty Scale", "7 Living with severe frailty"),
        Entry("Weight", "48.5 kg, 1 November 2026"),
        Entry("Sleep", "Not recorded", known=False),
        Entry("Breathing", "Not recorded", known=False),
    )
    return PackSection("needs", "Usual needs, and today’s", entries, "reviewed 2 Nov 2026 by Joy Adeyemi")


def about_me() -> PackSection:
    entries = (
        Entry(
            "What matters most to me",
            "My sister Edie (she died in 2011, I still look for her), my garden, and being asked before "
            "anyone touches me. I was a ward sister for thirty years: tell me what you are going to do, as "
            "you would tell a colleague, and I will help you.",
        ),
        Entry("People important to me", "My daughter Ann, my grandson Leo, Father Brian"),
        Entry(
            "How I communicate and how to communicate with me", "Left ear. Short sentences, and wait for me."
        ),
        Entry("Please do", "Call me Peggy. Put my glasses on me. Leave the door open."),
        Entry("Please don’t", "Don’t take my handbag away. Don’t stand behind me."),
        Entry("How and when to support me", "Mornings are bad until the tablets work, about 08:00."),
        Entry("Also worth knowing about me", "I sing when I am frightened."),
        Entry("Who helped write this", "Ann Carter, daughter, 4 May 2026"),
    )
    return PackSection("about_me", "About me", entries, "reviewed 4 May 2026 by Joy Adeyemi")


def other_sections() -> tuple[PackSection, ...]:
    people = (
        Entry("Ann Carter, daughter (next of kin)", "07700 900123, any hour"),
        Entry("Leo Carter, grandson", "07700 900456, not at night"),
        Entry("Lasting power of attorney", "Ann Carter, health and welfare, 07700 900123; a copy travels"),
        Entry(
            "Capacity and consent to share",
            "Lacks capacity: shared by a best-interest decision, J. Adeyemi, 22 Nov",
        ),
    )
    history = (
        Entry(
            "Conditions", "Parkinson’s disease (2016), type 2 diabetes, atrial fibrillation, dementia (2022)"
        ),
        Entry("Operations", "Left hip replaced 2018; pacemaker 2020"),
        Entry("Recent admissions", "St Elsewhere, 28 Sep to 9 Oct 2026: C. difficile"),
        Entry("Immunisations", "Flu October 2026, COVID-19 October 2026"),
    )
    wishes = (
        Entry("Advance care plan", "To be at home if she is dying; hospital for what can be treated"),
        Entry("Preferred place of care", "Maple House"),
        Entry("Preferred place of death", "Maple House, with Ann"),
        Entry("Treatment limits", "No intensive care. Antibiotics by drip: yes."),
        Entry("Where the papers are", "Red folder in the bag"),
    )
    today = (
        Entry("Last ate and drank", "Half a bowl of porridge, 17:30"),
        Entry("Bowels last opened", "21 November, loose"),
        Entry("Who comes along", "Nobody: one carer on shift. Ann follows."),
    )
    return (
        PackSection("today", "Today", today),
        PackSection("people", "People", people, "reviewed 2 Nov 2026 by Joy Adeyemi"),
        PackSection("history", "Past history", history, "never reviewed"),
        PackSection("wishes", "Wishes", wishes, "reviewed 12 Jun 2026 by Joy Adeyemi"),
    )


ITEMS = tuple(
    PackItem(f"b{index}", words, quantity, valuable, carried)
    for index, (words, quantity, valuable, carried) in enumerate(
        (
            ("Glasses, brown frame", 1, False, "Worn"),
            ("Dentures upper", 1, False, "Worn"),
            ("Dentures lower", 1, False, "Worn"),
            ("Hearing aid left", 1, True, "In hand"),
            ("Hearing-aid batteries", 4, False, "In the bag"),
            ("Walking frame, label on the left leg", 1, False, "In hand"),
            ("Change of clothes for coming home", 1, False, "In the bag"),
            ("Slippers", 1, False, "Worn"),
            ("Nightwear", 2, False, "In the bag"),
            ("Dressing gown", 1, False, "In the bag"),
            ("Toiletries", 1, False, "In the bag"),
            ("Phone and charger", 1, True, "In the bag"),
            ("Photo of Edie in a frame", 1, False, "In the bag"),
            ("Wedding ring", 1, True, "Worn"),
            ("Handbag, blue, with 12 pounds", 1, True, "In hand"),
        )
    )
)
