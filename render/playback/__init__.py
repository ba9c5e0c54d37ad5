"""Playing a timeline: the render server, the sound server, their clients, and the transport that joins them.

Owns: nothing by itself. Refuses: importing the servers here; a desktop process imports only the clients and the transport.
"""
