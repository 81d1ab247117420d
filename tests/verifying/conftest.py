import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))  # the oracle of the judge's tests
sys.path.insert(0, str(HERE))
