"""One definition a chart: Vega-Lite specifications as plain data, and the participation diagram."""
