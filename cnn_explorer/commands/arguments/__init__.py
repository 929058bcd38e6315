"""What is named on the command line: options that several commands have, and the values that they stand for.

Light, for the top of a command: ``options``, ``training``, ``dataset``, ``image``, ``output_file``, ``text_files``.
Imported where the work is done, as they bring the engine or the readers of images along: ``loading``, ``model``,
``one_image``.
"""
