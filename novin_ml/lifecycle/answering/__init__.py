"""What users said of alarms: read, and turned into labels."""

from novin_ml.lifecycle.answering.labels import AnsweredRows, label_by_answers
from novin_ml.lifecycle.answering.reading import Answers, read_answers

__all__ = ["AnsweredRows", "Answers", "label_by_answers", "read_answers"]
