from .conferences import Conference, Debate, ProgrammeItem

__all__ = ["Conference", "Debate", "ProgrammeItem"]
