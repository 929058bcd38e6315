"""The commands: each is one module, or folder, with its options and its work, and one row of the table in ``cli``.

Importing a command is cheap, as ``cli`` imports all of them: at the top stand typer, the core, and what is light in
``arguments`` and ``output``, the two folders of what commands share. What brings TensorFlow, h5py, scikit-learn,
Pillow or Qt along is imported inside the function that does the work, after all that can be refused without it has
been. This is the one late import of the command line: ``presets``, ``--help`` and refusals need not wait seconds for
libraries that they do not use, and Qt must not be imported before ``system_check`` has found what it needs.
"""
