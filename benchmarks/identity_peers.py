"""The libraries one would link records with, as their guides show: splink (DuckDB) and recordlinkage (pandas).

Both work on whole tables: their time is that of all the queries at once, divided by their number.
"""

import contextlib
import io
import logging
import time
from collections.abc import Iterator
from typing import Any

import pandas as pd
import recordlinkage
import splink.comparison_library as compare
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

from benchmarks.identity_people import Query
from liaison.core.identity.search import search_name

MOST_SHOWN = 8
Found = list[tuple[int, float]]


def residents_table(rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    """The residents as both libraries receive them: names already without accents, in capitals."""
    return _table(rows)


def queries_table(queries: list[Query]) -> pd.DataFrame:
    claims = ((number, query.claim) for number, query in enumerate(queries))
    return _table(
        [
            (number, search_name(of.birth_family), search_name(of.birth_given), of.birth_date, of.sex)
            for number, of in claims
        ]
    )


def _table(rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["unique_id", "family", "given", "birth_date", "sex"])
    table = table.set_index("unique_id", drop=False).rename_axis(None)
    year = table["birth_date"].str[:4]
    table["year"] = year.where(year != "")
    table["birth_date"] = table["birth_date"].where(table["birth_date"].str.len() == len("AAAA-MM-JJ"))
    table["family_head"], table["given_head"] = table["family"].str[:3], table["given"].str[:3]
    return table


def by_splink(residents: pd.DataFrame, queries: pd.DataFrame) -> tuple[list[Found], float]:
    """What splink finds above an even chance, and the seconds of the prediction (training left out)."""
    with _quiet():
        api = DuckDBAPI()
        tables = [
            api.register(residents, dataset_display_name="residents"),
            api.register(queries, dataset_display_name="queries"),
        ]
        linker = Linker(tables, _settings(), log_level=logging.ERROR)
        linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
        for rule in (block_on("birth_date", "given_head"), block_on("family", "given", "year")):
            linker.training.estimate_parameters_using_expectation_maximisation(rule)
        begun = time.perf_counter()
        pairs = linker.inference.predict(threshold_match_probability=0.5).as_pandas_dataframe()
        spent = time.perf_counter() - begun
    found: list[Found] = [[] for _ in range(len(queries))]
    for pair in pairs.sort_values("match_probability", ascending=False).to_dict("records"):
        ends = {pair["source_dataset_l"]: pair["unique_id_l"], pair["source_dataset_r"]: pair["unique_id_r"]}
        found[ends["queries"]].append((int(ends["residents"]), float(pair["match_probability"])))
    return [each[:MOST_SHOWN] for each in found], spent


def _settings() -> SettingsCreator:
    return SettingsCreator(
        link_type="link_only",
        comparisons=[
            compare.ForenameSurnameComparison("given", "family"),
            compare.DateOfBirthComparison("birth_date", input_is_string=True),
            compare.ExactMatch("sex"),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("birth_date"),
            block_on("family", "given"),
            block_on("family_head", "given_head", "year"),
        ],
        retain_matching_columns=False,
        probability_two_random_records_match=1 / 1_000_000,
    )


def by_recordlinkage(residents: pd.DataFrame, queries: pd.DataFrame) -> tuple[list[Found], float]:
    """The mean of the likenesses of recordlinkage's own comparisons, from 0.7 up, and the seconds it took."""
    begun = time.perf_counter()
    with _quiet():
        index = recordlinkage.Index()
        for block in (["birth_date"], ["family", "given"], ["family_head", "given_head", "year"]):
            index.block(block)
        pairs = index.index(queries, residents)
        likeness = recordlinkage.Compare()
        likeness.string("family", "family", method="jarowinkler", label="family")
        likeness.string("given", "given", method="jarowinkler", label="given")
        likeness.string("birth_date", "birth_date", method="levenshtein", label="date")
        likeness.exact("sex", "sex", label="sex")
        scores = likeness.compute(pairs, queries, residents)
    total = (0.4 * scores["family"] + 0.3 * scores["given"] + 0.2 * scores["date"] + 0.1 * scores["sex"]).sort_values(
        ascending=False
    )
    found: list[Found] = [[] for _ in range(len(queries))]
    for (query, resident), score in total[total >= 0.7].items():  # noqa: PLR2004 (its own lower bound here)
        if len(found[query]) < MOST_SHOWN:
            found[query].append((int(resident), float(score)))
    return found, time.perf_counter() - begun


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Neither the progress bars nor the advice of the libraries."""
    logging.disable(logging.WARNING)
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            yield
    finally:
        logging.disable(logging.NOTSET)
