"""High-risk classes: what deserves a second look on a return from hospital. By ATC prefix, else by name."""

from collections.abc import Sequence
from dataclasses import dataclass

from liaison.core.cda.values import Code
from liaison.core.medication.line import ATC, codes_of, named, words


@dataclass(frozen=True, slots=True)
class RiskClass:
    """``label`` is shown (French); ``prefixes`` are of ATC codes; ``names`` plain words of labels and substances."""

    label: str
    prefixes: tuple[str, ...]
    names: frozenset[str]


RISK_CLASSES: tuple[RiskClass, ...] = (
    RiskClass(
        "anticoagulants",
        ("B01AA", "B01AB", "B01AE", "B01AF", "B01AX05"),
        named("""
            ACENOCOUMAROL APIXABAN ARIXTRA CALCIPARINE COUMADINE DABIGATRAN DALTEPARINE EDOXABAN ELIQUIS
            ENOXAPARINE FLUINDIONE FONDAPARINUX FRAGMINE FRAXIPARINE FRAXODI HEPARINE INNOHEP LOVENOX
            NADROPARINE PRADAXA PREVISCAN RIVAROXABAN SINTROM TINZAPARINE WARFARINE XARELTO
        """),
    ),
    RiskClass(
        "insulines",
        ("A10A",),
        named("""
            ABASAGLAR ACTRAPID APIDRA FIASP HUMALOG INSULATARD INSULINE LANTUS LEVEMIR LYUMJEV NOVOMIX NOVORAPID
            SEMGLEE TOUJEO TRESIBA UMULINE
        """),
    ),
    RiskClass("digoxine", ("C01AA",), frozenset({"DIGOXINE", "HEMIGOXINE"})),
    RiskClass(
        "opioïdes",
        ("N02A", "N07BC01", "N07BC02"),
        named("""
            ABSTRAL ACTISKENAN BUPRENORPHINE CODEINE CONTRAMAL DUROGESIC FENTANYL HYDROMORPHONE IXPRIM IZALGI
            LAMALINE MATRIFEN METHADONE MORPHINE NALBUPHINE OPIUM ORAMORPH OXYCODONE OXYCONTIN OXYNORM
            OXYNORMORO SEVREDOL SKENAN SOPHIDONE TOPALGIC TRAMADOL
        """),
    ),
    RiskClass(
        "antiépileptiques",
        ("N03",),
        named("""
            BRIVARACETAM CARBAMAZEPINE CLONAZEPAM DEPAKINE ETHOSUXIMIDE GABAPENTINE GARDENAL KEPPRA LACOSAMIDE
            LAMICTAL LAMOTRIGINE LEVETIRACETAM LYRICA MICROPAKINE NEURONTIN OXCARBAZEPINE PHENOBARBITAL
            PHENYTOINE PREGABALINE RIVOTRIL TEGRETOL TOPIRAMATE URBANYL VALPROATE VALPROIQUE VIMPAT ZONISAMIDE
        """),
    ),
    RiskClass(
        "psychotropes",
        ("N05", "N06A", "N06BA", "N06CA"),
        named("""
            ALPRAZOLAM AMISULPRIDE AMITRIPTYLINE ANAFRANIL ARIPIPRAZOLE ATARAX BROMAZEPAM CITALOPRAM
            CLOMIPRAMINE CLOZAPINE CYAMEMAZINE CYMBALTA DEROXAT DIAZEPAM DULOXETINE EFFEXOR ESCITALOPRAM
            FLUOXETINE HALDOL HALOPERIDOL HYDROXYZINE IMOVANE LAROXYL LEPONEX LEXOMIL LITHIUM LORAZEPAM
            LORMETAZEPAM LOXAPAC LOXAPINE MIANSERINE MIRTAZAPINE NORSET NOZINAN OLANZAPINE OXAZEPAM PAROXETINE
            PRAZEPAM PROZAC QUETIAPINE RISPERDAL RISPERIDONE SERESTA SEROPLEX SERTRALINE SOLIAN STILNOX TEMESTA
            TERALITHE TERCIAN TIAPRIDAL TIAPRIDE VALIUM VENLAFAXINE XANAX XEROQUEL ZOLOFT ZOLPIDEM ZOPICLONE
            ZYPREXA
        """),
    ),
)


def high_risk_class(codes: Sequence[Code], *labels: str) -> str:
    """The French name of the first high-risk class the drug belongs to, or empty. A name is enough without any code."""
    atc = codes_of(codes, ATC)
    named = {word for label in labels for word in words(label)}
    return next((risk.label for risk in RISK_CLASSES if _belongs(risk, atc, named)), "")


def _belongs(risk: RiskClass, atc: frozenset[str], named: set[str]) -> bool:
    return any(code.startswith(risk.prefixes) for code in atc) or not risk.names.isdisjoint(named)
