"""Invented people, named as the people of British care homes and those who look after them are."""

from __future__ import annotations

from dataclasses import dataclass

from redbag.services.demo.dice import Dice, Odds


@dataclass(frozen=True)
class Heritage:
    """Given and family names that go together, and the languages spoken first."""

    women: tuple[str, ...]
    men: tuple[str, ...]
    families: tuple[str, ...]
    languages: tuple[str, ...] = ("English",)


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_BRITISH = Heritage(
    _words(
        """Margaret Jean Dorothy Joan Patricia Sheila Barbara Doreen Audrey Beryl Brenda Eileen Betty Joyce
        Marjorie Muriel Sylvia Rita June Pauline Hazel Vera Edna Winifred Gladys Iris Ivy Phyllis Hilda Norma
        Daphne Freda Kathleen Maureen Shirley Valerie Elsie Olive Nora Mavis Peggy Connie Molly Rosemary"""
    ),
    _words(
        """John William George Ronald Kenneth Dennis Peter Alan Derek Raymond Stanley Leslie Frederick Arthur
        Albert Harold Norman Roy Gordon Eric Ernest Douglas Frank Walter Donald Cyril Bernard Reginald Leonard
        Brian Geoffrey Maurice Clifford Victor Sidney Herbert"""
    ),
    _words(
        """Smith Jones Taylor Brown Wilson Evans Thomas Johnson Roberts Walker Wright Robinson Thompson White
        Hughes Edwards Green Hall Wood Harris Lewis Martin Jackson Clarke Turner Hill Moore Cooper Ward Morris
        King Watson Baker Morgan Young Allen Parker Bennett Cook Carter Shaw Bailey Collins Marsh Webb Palmer
        Holmes Mills Barnes Knight Lowe Chapman Fisher Pearson Dixon Hunt Ellis Stone Fletcher Hart Rowe
        Pritchard Ashworth Tomlinson Bickerstaffe Thistlewood Pemberton Ollerenshaw Featherstone"""
    ),
)
_IRISH = Heritage(
    _words("Bridget Kathleen Nora Maeve Eileen Philomena Teresa Breda Una Carmel Assumpta Noreen"),
    _words("Patrick Michael Seamus Sean Brendan Declan Liam Cornelius Dermot Finbarr"),
    _words("O’Brien Murphy Kelly O’Sullivan Walsh Byrne Ryan Doyle McCarthy Gallagher O’Connor Fitzgerald"),
)
_CARIBBEAN = Heritage(
    _words("Gloria Icilda Myrtle Hyacinth Merlene Euphemia Verona Ivy Lurline Una Cynthia Pearl"),
    _words("Winston Clinton Egbert Vernon Cecil Lloyd Neville Carlton Desmond Oswald"),
    _words("Campbell Grant Gordon Francis Morgan Bailey Reid Samuels Dacosta Thompson Brathwaite Joseph"),
)
_INDIAN = Heritage(
    _words("Kamala Pushpa Savita Nirmala Indira Kusum Manjula Sarla Urmila Harbans Gurdev Surjit"),
    _words("Ramesh Suresh Harish Mohan Jagdish Kishor Gurmit Balwant Mohinder Prakash Chandrakant"),
    _words("Patel Shah Mehta Desai Sharma Kaur Singh Gill Dhillon Joshi Chauhan Solanki"),
    ("Gujarati", "Punjabi", "Hindi", "English"),
)
_PAKISTANI = Heritage(
    _words("Nasreen Zubeda Khadija Razia Shamim Parveen Fatima Mumtaz Sughra Rashida"),
    _words("Mohammed Abdul Ghulam Iqbal Bashir Rafiq Yousaf Nazir Anwar"),
    _words("Khan Hussain Ahmed Begum Akhtar Malik Mirza Chaudhry Bibi Qureshi"),
    ("Urdu", "Punjabi", "English"),
)
_POLISH = Heritage(
    _words("Halina Janina Krystyna Zofia Wanda Irena Stanisława Danuta Jadwiga Helena"),
    _words("Stanisław Kazimierz Tadeusz Zbigniew Czesław Henryk Mieczysław Józef"),
    _words("Kowalczyk Nowak Wiśniewski Zieliński Wójcik Dąbrowski Kamiński Mazur Krawczyk"),
    ("Polish", "English"),
)
_ITALIAN = Heritage(
    _words("Concetta Maria Assunta Carmela Giuseppina Rosina Filomena"),
    _words("Salvatore Giuseppe Antonio Domenico Vincenzo Calogero"),
    _words("Russo Esposito Bianchi Ricci Palumbo D’Angelo Capaldi"),
    ("Italian", "English"),
)
_CHINESE = Heritage(
    _words("Mei-Ling Siu-Fong Yuk-Lan Wai-Ching Lai-Kuen"),
    _words("Kwok-Wah Wing-Kee Chi-Keung Kam-Tong"),
    _words("Wong Cheung Lau Chan Ng Leung"),
    ("Cantonese", "English"),
)
_WEST_AFRICAN = Heritage(
    _words("Comfort Grace Abena Folake Ngozi Adwoa Mercy Patience"),
    _words("Kwame Emmanuel Samuel Kofi Olusegun Chukwuemeka"),
    _words("Mensah Adeyemi Okafor Boateng Osei Balogun Asante Eze"),
    ("English", "Yoruba", "Twi"),
)
_CYPRIOT = Heritage(
    _words("Androulla Eleni Despina Maroulla Stella Panayiota"),
    _words("Andreas Costas Panayiotis Christos Savvas"),
    _words("Georgiou Christodoulou Ioannou Charalambous Demetriou"),
    ("Greek", "English"),
)

RESIDENTS = Odds(
    [
        (_BRITISH, 66.0),
        (_IRISH, 6.0),
        (_CARIBBEAN, 7.0),
        (_INDIAN, 7.0),
        (_PAKISTANI, 3.0),
        (_POLISH, 3.5),
        (_ITALIAN, 2.0),
        (_CHINESE, 1.5),
        (_WEST_AFRICAN, 2.5),
        (_CYPRIOT, 1.5),
    ]
)
_STAFF_WOMEN = _words(
    """Joy Ann Priya Blessing Agnieszka Maria Sunita Grace Kelly Sharon Leanne Florence Aisha Magda Donna
    Jennifer Rosalyn Nicola Shanice Mary-Jane Ewa Lakshmi Tracey Olivia Beth Carol Zainab Emily Precious"""
)
_STAFF_MEN = _words(
    "Tom Ben Daniel Samuel Jerome Piotr Arjun Mark Kwabena Luis Craig Femi Rhys Jun Darren Anil Owen Marek"
)
_STAFF_FAMILIES = _words(
    """Adeyemi Price Nair Osei Bell Santos Kowalska Mensah Reyes Cruz Begum Thapa Fernandes Okoro Davies Lane
    Murray Banda Ncube Varghese Thomas George Quinn Marsh Baptiste Lewis Wójcik Gurung Ali Patel Hughes Dube
    Mathew Garcia Scott Bailey Grant Sharma Foster Moyo"""
)


@dataclass(frozen=True)
class Name:
    """A resident's name, gender and language."""

    given: str
    family: str
    gender: str
    language: str
    preferred: str


_SHORT = {
    "Margaret": "Peggy",
    "Dorothy": "Dot",
    "Elizabeth": "Betty",
    "Kathleen": "Kath",
    "Patricia": "Pat",
    "Frederick": "Fred",
    "Ronald": "Ron",
    "Kenneth": "Ken",
    "Stanley": "Stan",
    "Winifred": "Win",
    "William": "Bill",
    "Leonard": "Len",
    "Raymond": "Ray",
    "Reginald": "Reg",
    "Stanisława": "Stasia",
    "Hyacinth": "Cynthia",
    "Michael": "Mick",
    "Patrick": "Pat",
}


def resident(dice: Dice) -> Name:
    """A person who lives in a care home: two in three are women."""
    heritage = dice.draw(RESIDENTS)
    woman = dice.happens(0.67)
    given = dice.pick(heritage.women if woman else heritage.men)
    family = dice.pick(heritage.families)
    language = "English" if dice.happens(0.4) else dice.pick(heritage.languages)
    preferred = _SHORT.get(given, "") if dice.happens(0.6) else ""
    return Name(given, family, "Female" if woman else "Male", language, preferred)


def worker(dice: Dice) -> str:
    """Somebody who works in a home or a hospital."""
    given = dice.pick(_STAFF_WOMEN if dice.happens(0.78) else _STAFF_MEN)
    return f"{given} {dice.pick(_STAFF_FAMILIES)}"


def relative(dice: Dice, family: str) -> tuple[str, str]:
    """A next of kin and how they are related: "Susan Marsh", "Daughter"."""
    woman = dice.happens(0.6)
    relation = dice.pick(("Daughter", "Daughter", "Niece") if woman else ("Son", "Son", "Nephew"))
    given = dice.pick(_STAFF_WOMEN if woman else _STAFF_MEN)
    name = dice.pick(_STAFF_FAMILIES) if woman and dice.happens(0.5) else family
    return f"{given} {name}", relation


_STEMS = _words(
    """Oak Willow Rowan Birch Larch Cedar Hazel Elm Holly Beech Chestnut Sycamore Laurel Magnolia
    Primrose Lavender Bluebell Heather Fern Ivy Rose Meadow Orchard River Brook Lake Hill Park
    Church Station Abbey Priory Manor Farm Mill Chapel Garden Sunny West North East South High Low
    Green White Grey Red Stone Bridge"""
)
_ENDS = ("House", "Lodge", "Court", "Grange", "View", "Gardens", "Hall", "Place", "Rest Home", "Nursing Home")
_STREETS = ("Lane", "Road", "Avenue", "Close", "Way", "Street", "Drive", "Hill")
_AREAS = (
    "Westcombe",
    "Harrow Green",
    "Nethercote",
    "Fairmead",
    "Stonebury",
    "Old Ferry",
    "Kingsmere",
    "Ashby Vale",
)


def home_name(number: int) -> str:
    """The name of the home with this number: the first is Maple House, and none of the first 500 is twice."""
    if number == 0:
        return "Maple House"
    place = (number * 37) % (len(_STEMS) * len(_ENDS))
    stem, end = _STEMS[place % len(_STEMS)], _ENDS[place // len(_STEMS)]
    again = number // (len(_STEMS) * len(_ENDS))
    return f"{stem} {end}" if not again else f"{stem} {end} {again + 1}"


def address(dice: Dice) -> str:
    """Where a home is: in no borough that exists, with no post code that is used."""
    street = f"{dice.whole(1, 180)} {dice.pick(_STEMS)} {dice.pick(_STREETS)}"
    return f"{street}\n{dice.pick(_AREAS)}\nQX{dice.whole(1, 9)} {dice.whole(1, 9)}ZZ"


def phone(dice: Dice) -> str:
    """A number from the ranges that are kept for drama and never ring (Ofcom)."""
    if dice.happens(0.5):
        return f"020 7946 0{dice.whole(0, 999):03d}"
    return f"01632 960{dice.whole(0, 999):03d}"


def mobile(dice: Dice) -> str:
    """A mobile number from the range that is kept for drama."""
    return f"07700 900{dice.whole(0, 999):03d}"


def practice(dice: Dice) -> str:
    """A GP practice."""
    kind = dice.pick(("Surgery", "Medical Centre", "Health Centre", "Family Practice"))
    return f"{dice.pick(_STEMS)} {dice.pick(_STREETS)} {kind}"
