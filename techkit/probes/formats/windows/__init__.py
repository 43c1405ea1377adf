"""Objects of Windows (WMI, CIM) as readings, a module per subject."""
