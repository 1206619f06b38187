"""Crashes: whoever is killed, and whenever, everyone who was answered was told the truth, once.

Every test prints its seed, which pytest shows when it fails; set ZHIBO_FAULT_SEED to draw the same again
(the same tips and the same pauses; how far the processes come meanwhile is the machine's).
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from random import Random
from uuid import UUID, uuid4

import psutil
import pytest
from sqlalchemy import text

from api.migrations import ready
from api.wiring import desks
from ledger.coins.top_ups import TopUp
from ledger.database import Database, DatabaseSettings, open_database
from ledger.gifts.commands import PriceGift, Tip
from ledger.instants import now as _now
from ledger.journal.journal import Journal
from ledger.parties import Register
from settlement.commands import Reward, Settle
from settlement.runs import finish, unfinished_runs
from tests.api.command_line import ROOT, environment, zhibo
from tests.api.playing import balances_in
from tests.faults.crowd import Crowd
from tests.faults.served import PATIENCE_SECONDS, Served, database_processes, serving
