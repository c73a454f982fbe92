"""Names that look like names: frequent surnames, given names by gender, rare characters, names with a middle dot."""

from __future__ import annotations

from contracts.vocabulary import Gender
from simulator.draws import Draws

SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
    "余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段"
)
COMPOUND_SURNAMES = ("欧阳", "上官", "司徒", "诸葛", "尉迟", "慕容")
MALE_SIGNS = "伟强磊军洋勇杰涛明超刚平辉鹏华飞鑫波斌宇浩凯健俊帆帅旭宁龙林欢阳建国庆福德贵有财"
FEMALE_SIGNS = "芳娜敏静丽艳娟霞秀英玲桂兰凤洁梅琳素云莲真环雪荣爱妹香月莺媛艳瑞凡佳嘉琼勤珍贞"
RARE_SIGNS = "䶮㛃𬱖𣲗𬀩喆堃璟翀赟燚淼犇"
MINORITY_GIVEN = {
    Gender.MALE: ("买买提", "艾力", "吐尔逊", "努尔兰", "叶尔肯", "巴特尔", "达瓦", "扎西", "别克"),
    Gender.FEMALE: ("阿依古丽", "古丽娜尔", "热依汗", "帕提古丽", "阿依努尔", "其其格", "卓玛", "米热古丽"),
}
MINORITY_FAMILY = ("买买提", "吐尔逊", "艾合买提", "阿不都热合曼", "努尔麦麦提", "哈力克", "木拉提", "其木格", "乌力吉")

DOT = "·"


def surname(draws: Draws) -> str:
    """A family name; the first of the list are the most frequent ones. A middle dot stands for a minority family."""
    roll = draws.uniform()
    if roll < 0.04:
        return DOT
    if roll < 0.05:
        return draws.pick(COMPOUND_SURNAMES)
    return SURNAMES[int(draws.uniform() ** 2 * len(SURNAMES))]


def full_name(draws: Draws, family: str, gender: Gender) -> str:
    """A full name in the family's manner: 2-4 signs, or given name, dot, father's name."""
    if family == DOT:
        return draws.pick(MINORITY_GIVEN[gender]) + DOT + draws.pick(MINORITY_FAMILY)
    signs = MALE_SIGNS if gender is Gender.MALE else FEMALE_SIGNS
    roll = draws.uniform()
    if roll < 0.02:
        return family + draws.pick(RARE_SIGNS)
    first = draws.pick(signs)
    if roll < 0.30:
        return family + first
    return family + first + draws.pick(signs)
