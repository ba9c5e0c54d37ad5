"""Files that ship with the program: icons, fonts, themes, keymaps, sample footage. Owns: files. Refuses: code."""
