"""Names for the crowd: common family and given names put together by counting, nobody in particular."""

# The lengths of each pair of lists share no divisor, so stepping through both at once repeats no name.
# fmt: off
_SURNAMES = (
    ("张", "Zhang"), ("刘", "Liu"), ("杨", "Yang"), ("黄", "Huang"), ("朱", "Zhu"), ("马", "Ma"), ("胡", "Hu"), ("郭", "Guo"),
    ("高", "Gao"), ("罗", "Luo"), ("梁", "Liang"), ("宋", "Song"), ("唐", "Tang"), ("许", "Xu"), ("邓", "Deng"), ("傅", "Fu"),
    ("曾", "Zeng"), ("吕", "Lü"), ("苏", "Su"), ("卢", "Lu"), ("蔡", "Cai"), ("丁", "Ding"), ("魏", "Wei"), ("叶", "Ye"),
)
_GIVEN = (
    ("伟明", "Weiming"), ("志强", "Zhiqiang"), ("晓东", "Xiaodong"), ("国华", "Guohua"), ("海燕", "Haiyan"),
    ("建国", "Jianguo"), ("俊杰", "Junjie"), ("丽娟", "Lijuan"), ("永福", "Yongfu"), ("文斌", "Wenbin"),
    ("春梅", "Chunmei"), ("少华", "Shaohua"), ("金龙", "Jinlong"), ("玉兰", "Yulan"), ("振宇", "Zhenyu"),
    ("立军", "Lijun"), ("红梅", "Hongmei"), ("宏伟", "Hongwei"), ("思远", "Siyuan"), ("庆丰", "Qingfeng"),
    ("嘉豪", "Jiahao"), ("雪峰", "Xuefeng"), ("德胜", "Desheng"), ("慧敏", "Huimin"), ("长青", "Changqing"),
)
_FIRST = (
    "Jan", "Birgit", "Sven", "Katrin", "Ole", "Emre", "Ingo", "Maren", "Dirk", "Piotr", "Heike", "Lars", "Nadia",
)
_LAST = (
    "Claasen", "Öztürk", "Brandt", "Nowak", "Harms", "Friedrichs", "Lüders", "Kramer", "Thomsen", "Behnke", "Witt",
)
# fmt: on


def name(number: int, site: str) -> str:
    """The name of person `number` at a site, Chinese ones with their pinyin."""
    if site == "HAM":
        return f"{_FIRST[number % len(_FIRST)]} {_LAST[number % len(_LAST)]}"
    surname, surname_latin = _SURNAMES[number % len(_SURNAMES)]
    given, given_latin = _GIVEN[number % len(_GIVEN)]
    return f"{surname}{given} ({surname_latin} {given_latin})"
