"""The asset library: catalogue, search, ingest and relinking. Owns: media over all projects. Refuses: projects and pixels."""
