"""Sound as samples: mixing and metering, with numpy alone.

Owns: levels, fades, meters. Refuses: files, codecs, devices.
"""
