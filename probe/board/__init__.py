"""From numbers to ranks: entries, order, comparison, the gate, and whether runs come out again."""
