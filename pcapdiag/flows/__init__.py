"""One pass from packet records to the flow table and the event tables."""
