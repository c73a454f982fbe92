"""The ways of planting, by what they alter: each takes draws, household and carrier; False where it does not fit."""
